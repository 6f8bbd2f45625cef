import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { once } from './measure.ts'

const peers: Readonly<Record<string, string>> = {
  umoci: 'umoci',
  skopeo: 'skopeo',
  mksquashfs: 'squashfs-tools',
  zstd: 'zstd',
  go: 'golang-go',
  mmdebstrap: 'mmdebstrap',
  bwrap: 'bubblewrap',
  buildah: 'buildah',
  busybox: 'busybox-static',
  debootstrap: 'debootstrap',
  mkosi: 'mkosi systemd-container',
}

/** Installs the peers of the benchmark that are missing (Debian, root). */
export async function installBenchPeers(): Promise<void> {
  const missing = Object.keys(peers).filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
  if (missing.length === 0) return
  process.stderr.write(`installing ${missing.join(', ')}\n`)
  await once('apt-get update -q')
  await once(`apt-get install -y -q --no-install-recommends ${missing.map((name) => peers[name]).join(' ')}`)
}

export interface LayeredImage {
  readonly path: string
  /** Paths of the layer blobs, bottom first. */
  readonly layers: readonly string[]
  readonly compressed: number
  readonly uncompressed: number
}

/** An OCI layout of five gzip layers made by umoci out of this host's /usr: real files, about 600 MB of tar. */
export async function makeLayeredImage(work: string): Promise<LayeredImage> {
  const path = join(work, 'layout')
  await once(`umoci init --layout ${path}`)
  await once(`umoci new --image ${path}:bench`)
  let uncompressed = 0
  for (const [index, folders] of layerFolders(600e6, 5).entries()) {
    const tree = join(work, `layer-${index}`)
    mkdirSync(tree)
    const relative = folders.map((folder) => folder.slice(1)).join(' ')
    await once(`sh -c 'tar -C / -cf - ${relative} | tar -C ${tree} -xf -'`)
    uncompressed += Number(spawnSync('sh', ['-c', `tar -C ${tree} -cf - . | wc -c`]).stdout.toString())
    await once(`umoci insert --image ${path}:bench ${tree}/usr /usr`)
    await once(`rm -r ${tree}`)
  }
  const layers = manifestLayers(path)
  return { path, layers, compressed: layers.reduce((sum, file) => sum + statSync(file).size, 0), uncompressed }
}

/** Folders of /usr dealt out to `count` layers until `total` bytes are reached; each is taken once, biggest first. */
function layerFolders(total: number, count: number): string[][] {
  const layers: string[][] = Array.from({ length: count }, () => [])
  const sizes = new Array<number>(count).fill(0)
  const listed = spawnSync('sh', ['-c', 'du -sb /usr/bin /usr/sbin /usr/lib/* /usr/share/* | sort -rn'])
    .stdout.toString()
    .trim()
    .split('\n')
  let sum = 0
  for (const line of listed) {
    const [size, folder] = line.split('\t')
    if (Number(size) > 250e6 || sum + Number(size) > total) continue
    const smallest = sizes.indexOf(Math.min(...sizes))
    layers[smallest]!.push(folder!)
    sizes[smallest]! += Number(size)
    sum += Number(size)
  }
  return layers.filter((folders) => folders.length > 0)
}

interface Descriptor {
  readonly digest: string
}

function manifestLayers(layout: string): string[] {
  const blob = (d: Descriptor) => join(layout, 'blobs', d.digest.replace(':', '/'))
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: Descriptor[] }
  const manifest = JSON.parse(readFileSync(blob(index.manifests[0]!), 'utf8')) as { layers: Descriptor[] }
  return manifest.layers.map(blob)
}

/** A .tar.gz of about 160 MB of tar whose owners are shifted by 100000, and the Go program that is Ingot's peer. */
export async function makeShifted(work: string): Promise<{ path: string; program: string }> {
  const path = join(work, 'shifted.tar.gz')
  const program = join(work, 'shift-ids')
  const root = join(work, 'shifted')
  await once(`mmdebstrap --quiet --variant=minbase bookworm ${root}`)
  await once(`sh -c 'tar -C ${root} --owner=:100000 --group=:100000 --numeric-owner -cf - . | gzip -6 > ${path}'`)
  await once(`rm -r ${root}`)
  await once(
    `env GOCACHE=${work}/go GOFLAGS=-mod=mod go build -o ${program} ${join(import.meta.dirname, 'peers/shift-ids.go')}`,
  )
  return { path, program }
}

/** A plain rootfs tar of so many GB: files of 64 MB that compress somewhat. */
export async function makeBigRootfs(work: string, gigabytes: number): Promise<string> {
  const path = join(work, 'big.tar')
  const tree = join(work, 'big')
  mkdirSync(join(tree, 'data'), { recursive: true })
  const sample = readdirSync('/usr/bin')
    .map((name) => join('/usr/bin', name))
    .filter((file) => existsSync(file) && statSync(file).isFile())
    .join(' ')
  await once(`sh -c 'cat ${sample} | head -c 64000000 > ${tree}/data/one'`)
  const copies = Math.round((gigabytes * 1e9) / 64e6)
  await once(
    `sh -c 'for i in $(seq ${copies}); do cp --reflink=auto ${tree}/data/one ${tree}/data/$i; done; tar -C ${tree} -cf ${path} . && rm -r ${tree}'`,
  )
  return path
}
