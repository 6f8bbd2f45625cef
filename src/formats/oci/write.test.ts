import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFile } from '../../host/file.ts'
import { digestHex, digestOf } from '../../image/digest.ts'
import { noXattrs } from '../../image/entry.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import { collect } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { indexMembers } from '../../tar/members.ts'
import { endOfArchive } from '../../tar/write.ts'
import { blobHeader } from '../blob-archive.ts'
import { archiveTree, directoryTree } from '../blob-tree.ts'
import { dockerCandidates } from '../docker/read.ts'
import type { WriteOptions } from '../types.ts'
import { readLxdAnnotations } from './lxd-annotations.ts'
import { layoutCandidates } from './read.ts'
import {
  contentsOf,
  entry,
  file,
  link,
  named,
  plainImage,
  plainLayer,
  type TestEntry,
  TestLayout,
  tarOf,
} from './test-layouts.ts'
import { writeOciArchive } from './write-archive.ts'
import { writeOciLayout } from './write-layout.ts'

let folder: string
let count = 0
const fresh = () => join(folder, `out-${count++}`)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-oci-write-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const quiet: WriteOptions = { warn: () => undefined, flatten }
const trees = [[file('a', 'one'), file('b')], [file('c')]] as const
const sample = (names = ['test:1']) =>
  plainImage(
    trees.map((tree) => plainLayer(tree)),
    { created: 86400 },
    names,
  )

async function archive(images: readonly SystemImage[], docker: boolean, options: Partial<WriteOptions> = {}) {
  const path = fresh()
  const written = await writeOciArchive(images, { ...quiet, ...options }, path, { docker })
  const bytes = await openFile(path)
  const tree = await archiveTree(bytes)
  const json = async (name: string) => {
    const member = await tree.file(name)
    expect(member, name).toBeDefined()
    return JSON.parse((await collect(member!.open())).toString())
  }
  const list = () => (docker ? dockerCandidates(tree, {}) : layoutCandidates(tree, {}))
  return { path, written, tree, json, list, blob: (digest: string) => json(`blobs/${digest.replace(':', '/')}`) }
}

async function onlyImage(out: Awaited<ReturnType<typeof archive>>): Promise<SystemImage> {
  const candidates = await out.list()
  expect(candidates).toHaveLength(1)
  return await candidates[0]!.open()
}

test('members of an archive: exact names without ./, root-owned, time 0, nothing else', async () => {
  const { path } = await archive([sample()], true)
  const listing = execFileSync('tar', ['--numeric-owner', '--full-time', '--utc', '-tvf', path], { encoding: 'utf8' })
  const lines = listing.trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(/^(drwxr-xr-x|-rw-r--r--) 0\/0 +\d+ 1970-01-01 00:00:00 /)
  const names = lines.map((line) => line.split(' ').at(-1)!)
  expect(names.slice(0, 3)).toEqual(['oci-layout', 'blobs/', 'blobs/sha256/'])
  expect(names.slice(-2)).toEqual(['index.json', 'manifest.json'])
  for (const name of names.slice(3, -2)) expect(name).toMatch(/^blobs\/sha256\/[0-9a-f]{64}$/)
  expect(names).toHaveLength(3 + 2 + 2 + 2)
})

test('an OCI archive for Proxmox VE: what its detection asks for, and no manifest.json', async () => {
  const { path } = await archive([sample()], false)
  const names = execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).trimEnd().split('\n')
  expect(names).toContain('oci-layout')
  expect(names).toContain('index.json')
  expect(names.some((name) => name.startsWith('blobs/'))).toBe(true)
  expect(names.some((name) => name.startsWith('./') || name === 'manifest.json')).toBe(false)
})

test('documents say what was written', async () => {
  const metadata: Partial<ImageMetadata> = {
    created: 1_700_000_000,
    author: 'me',
    run: {
      cmd: ['/sbin/init'],
      env: ['A=b'],
      ports: ['80/tcp', '22/tcp'],
      labels: { z: '1', a: '2' },
      volumes: ['/v'],
    },
    properties: { os: 'debian', name: 'Title', description: 'About' },
    annotations: { 'org.opencontainers.image.description': 'stale', other: 'x' },
    history: [{ created_by: 'one' }, { created_by: 'two', empty_layer: true }],
  }
  const image = plainImage(
    trees.map((tree) => plainLayer(tree)),
    metadata,
    ['debian/12', 'localhost:5000/x:y'],
  )
  const out = await archive([image], true)
  const index = await out.json('index.json')
  expect(index.manifests.map((entry: { annotations: object }) => entry.annotations)).toEqual([
    { 'io.containerd.image.name': 'docker.io/debian/12:latest', 'org.opencontainers.image.ref.name': 'latest' },
    { 'io.containerd.image.name': 'localhost:5000/x:y', 'org.opencontainers.image.ref.name': 'y' },
  ])
  expect(index.manifests[0].platform).toEqual({ architecture: 'amd64', os: 'linux' })
  const manifest = await out.blob(index.manifests[0].digest)
  expect(out.written.digest).toBe(index.manifests[0].digest)
  expect(out.written.names).toEqual(['debian/12:latest', 'localhost:5000/x:y'])
  expect(manifest.annotations).toEqual({
    'ingot.property.os': 'debian',
    'org.opencontainers.image.description': 'About',
    'org.opencontainers.image.title': 'Title',
    other: 'x',
  })
  expect(manifest.layers.map((layer: { mediaType: string }) => layer.mediaType)).toEqual(
    Array(2).fill('application/vnd.oci.image.layer.v1.tar+gzip'),
  )
  expect(await out.json('manifest.json')).toEqual([
    {
      Config: `blobs/${manifest.config.digest.replace(':', '/')}`,
      RepoTags: ['debian/12:latest', 'localhost:5000/x:y'],
      Layers: manifest.layers.map((layer: { digest: string }) => `blobs/${layer.digest.replace(':', '/')}`),
    },
  ])
  const config = await out.blob(manifest.config.digest)
  expect(JSON.stringify(config)).toBe(
    JSON.stringify({
      created: '2023-11-14T22:13:20Z',
      author: 'me',
      architecture: 'amd64',
      os: 'linux',
      config: {
        ExposedPorts: { '22/tcp': {}, '80/tcp': {} },
        Env: ['A=b'],
        Cmd: ['/sbin/init'],
        Volumes: { '/v': {} },
        Labels: { a: '2', z: '1' },
      },
      rootfs: config.rootfs,
      history: [{ created_by: 'one' }, { created_by: 'two', empty_layer: true }, { created_by: 'ingot' }],
    }),
  )
  const back = await (await onlyImage(out)).metadata()
  expect(back.properties).toEqual({ os: 'debian', name: 'Title', description: 'About' })
  expect(back.run).toEqual({ ...metadata.run, ports: ['22/tcp', '80/tcp'] })
})

test('equal images give equal bytes, whatever the hour, zone and umask', async () => {
  const first = await archive([sample()], true)
  const zone = process.env.TZ
  const mask = process.umask(0o077)
  process.env.TZ = 'Asia/Shanghai'
  try {
    const second = await archive([sample()], true)
    expect(Buffer.compare(await readFile(first.path), await readFile(second.path))).toBe(0)
  } finally {
    process.umask(mask)
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  }
})

test('blobs are stored once, and the bytes of one taken back leave nothing behind', async () => {
  const layer = plainLayer([file('same', 'x'.repeat(100_000))])
  const out = await archive([plainImage([layer, layer])], true, { compression: { kind: 'none' } })
  const names = execFileSync('tar', ['-tf', out.path], { encoding: 'utf8' }).trimEnd().split('\n')
  expect(names.filter((name) => /^blobs\/sha256\/./.test(name))).toHaveLength(3)
  const { size } = await stat(out.path)
  expect(size).toBeLessThan(150_000)
  expect((await readFile(out.path)).subarray(-1024).equals(endOfArchive)).toBe(true)
  expect((await onlyImage(out)).layers).toHaveLength(2)
})

/** An image of two gzip layers with documents in a form that Ingot would write otherwise. */
async function foreignImage(): Promise<{ image: SystemImage; layout: TestLayout; digest: string }> {
  const layout = new TestLayout()
  const config = { variant: 'v2', docker_version: '20.10', config: { Hostname: 'x', Cmd: ['sh'] } }
  const manifest = layout.image(
    trees.map((tree) => tarOf(tree)),
    { config, manifest: { mediaType: 'application/vnd.oci.image.manifest.v1+json', annotations: { k: 'v' } } },
  )
  layout.top([named(manifest, 'foreign:1')])
  return { layout, digest: manifest.digest, image: await (await layoutCandidates(layout.tree, {}))[0]!.open() }
}

test.each([true, false])(
  'an unchanged image keeps manifest, configuration and blobs byte for byte (docker: %s)',
  async (docker) => {
    const { image, layout, digest } = await foreignImage()
    const out = await archive([image], docker)
    expect(out.written.digest).toBe(digest)
    for (const [path, bytes] of layout.files) {
      if (!path.startsWith('blobs/')) continue
      const member = await out.tree.file(path)
      expect((await collect(member!.open())).equals(bytes)).toBe(true)
    }
    const again = await archive([await onlyImage(out)], !docker)
    expect(again.written.digest).toBe(digest)
  },
)

test('another compression keeps DiffIDs and configuration, so the ImageID', async () => {
  const { image } = await foreignImage()
  for (const [kind, docker] of [
    ['none', true],
    ['zstd', false],
    ['gzip', false],
  ] as const) {
    const out = await archive([image], docker, { compression: { kind, level: kind === 'none' ? 0 : 1 } })
    const read = await onlyImage(out)
    expect(read.origin?.config.equals(image.origin!.config)).toBe(true)
    expect(read.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId))
    expect(read.layers.map(({ blob }) => blob?.compression)).toEqual([kind, kind])
    expect(await contentsOf(read.layers[0]!)).toEqual(await contentsOf(image.layers[0]!))
  }
})

test('changed metadata or layers are not hidden behind the original documents', async () => {
  const { image, digest } = await foreignImage()
  const metadata = async () => ({ ...(await image.metadata()), run: { cmd: ['other'] } })
  const changed = await onlyImage(await archive([{ ...image, metadata }], false))
  expect((await changed.metadata()).run).toEqual({ cmd: ['other'] })
  const renamed = async () => ({ ...(await image.metadata()), properties: { os: 'debian' } })
  const out = await archive([{ ...image, metadata: renamed }], false)
  expect(out.written.digest).not.toBe(digest)
  const read = await onlyImage(out)
  expect(read.origin?.config.equals(image.origin!.config)).toBe(true)
  expect((await read.metadata()).properties).toEqual({ os: 'debian' })
  const fewer = await onlyImage(await archive([{ ...image, layers: image.layers.slice(0, 1) }], false))
  expect(fewer.layers).toHaveLength(1)
})

test('layers in a compression that the target cannot have are recompressed', async () => {
  const layout = new TestLayout()
  const tar = tarOf(trees[0])
  const config = { rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } }
  const layers = [layout.blob(zstdCompressSync(tar), 'application/vnd.oci.image.layer.v1.tar+zstd')]
  layout.top([layout.image([], { config, manifest: { layers } })])
  const image = await (await layoutCandidates(layout.tree, {}))[0]!.open()
  const kept = await onlyImage(await archive([image], false))
  expect(kept.layers[0]!.blob).toMatchObject({ compression: 'zstd', digest: layers[0]!.digest })
  const docker = await onlyImage(await archive([image], true, { names: ['x'] }))
  expect(docker.layers[0]).toMatchObject({ diffId: digestOf(tar), blob: { compression: 'gzip' } })
})

test('a damaged source layer makes writing fail', async () => {
  const { layout } = await foreignImage()
  for (const [path, bytes] of layout.files) {
    if (bytes.subarray(0, 2).toString('hex') !== '1f8b') continue
    const other = Buffer.from(bytes)
    other[other.length - 5]! ^= 1
    layout.files.set(path, other)
    break
  }
  const image = await (await layoutCandidates(layout.tree, {}))[0]!.open()
  await expect(archive([image], false)).rejects.toMatchObject({ code: 'corrupt' })
  await expect(archive([image], false, { compression: { kind: 'none' } })).rejects.toMatchObject({ code: 'corrupt' })
})

test('names that would become whiteouts are refused, whiteouts are kept', async () => {
  const odd = [file('dir/.wh.x')]
  const refused = archive([plainImage([plainLayer(odd)])], false)
  await expect(refused).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('dir/.wh.x') })
  const inside = archive([plainImage([plainLayer([file('.wh.d/x')])])], false)
  await expect(inside).rejects.toMatchObject({ code: 'unsupported' })
  const image = await onlyImage(await archive([plainImage([plainLayer(odd, true)])], false))
  expect(await contentsOf(image.layers[0]!)).toMatchObject([{ path: 'dir/.wh.x' }])
})

test('a layer that is no OCI layer is written without holes', async () => {
  const sparse = { ...entry({ path: 's', type: 'file' }), content: Buffer.from('data') }
  const header = { ...sparse.header, size: 8192, sparse: [{ offset: 4096, length: 4 }] }
  const out = await onlyImage(await archive([plainImage([plainLayer([{ ...sparse, header }])])], false))
  const [read] = (await contentsOf(out.layers[0]!)) as { size: number; sparse?: unknown; content: string }[]
  expect(read!.sparse).toBeUndefined()
  expect(read!.content).toBe(`${'\0'.repeat(4096)}data${'\0'.repeat(4092)}`)
})

test('compressions and names that do not go', async () => {
  const write = (docker: boolean, options: Partial<WriteOptions>) => archive([sample()], docker, options)
  await expect(write(true, { compression: { kind: 'zstd' } })).rejects.toMatchObject({ code: 'unsupported' })
  await expect(write(false, { compression: { kind: 'xz' } })).rejects.toMatchObject({ code: 'unsupported' })
  for (const name of ['Upper', 'a:b:c', `x@sha256:${'0'.repeat(64)}`, '', 'a b', 'x:']) {
    await expect(write(true, { names: [name] }), name).rejects.toMatchObject({ code: 'usage' })
  }
  for (const name of ['a b', '', '/x', 'x/']) {
    await expect(write(false, { names: [name] }), name).rejects.toMatchObject({ code: 'usage' })
  }
})

test('an image without name, created, or layers', async () => {
  const out = await archive([plainImage([], {}, [])], true)
  expect(await out.json('manifest.json')).toMatchObject([{ RepoTags: null, Layers: [] }])
  const image = await onlyImage(out)
  expect(image.names).toEqual([])
  expect(await image.metadata()).toEqual({ ...(await plainImage([]).metadata()) })
})

test('several images in one Docker archive; several platforms of one name only in OCI', async () => {
  const two = [sample(['a:1']), plainImage([plainLayer(trees[1])], {}, ['b:1'])]
  const out = await archive(two, true)
  expect((await out.list()).map(({ names }) => names)).toEqual([['a:1'], ['b:1']])
  const arm = plainImage([plainLayer(trees[1])], { architecture: 'aarch64' }, ['test:1'])
  await expect(archive([sample(), arm], true)).rejects.toMatchObject({ code: 'unsupported' })
  await expect(archive([sample(), sample()], false)).rejects.toMatchObject({ code: 'usage' })
  const multi = await archive([sample(), arm], false)
  const index = await multi.json('index.json')
  expect(index.manifests).toHaveLength(1)
  expect(index.manifests[0].mediaType).toBe('application/vnd.oci.image.index.v1+json')
  expect(multi.written.digest).toBe(index.manifests[0].digest)
  expect((await multi.list()).map(({ names, platform }) => [names, platform?.architecture])).toEqual([
    [['test:1'], 'amd64'],
    [['test:1'], 'arm64'],
  ])
})

test('LXD templates and the expiry go through; templates beyond 1 MiB are left out by name', async () => {
  const template = { target: '/etc/hostname', when: ['create'], template: 'hostname.tpl', properties: { a: 'b' } }
  const lxd = (bytes: Buffer) => ({
    templates: [template],
    templateFiles: new Map([['hostname.tpl', bytes]]),
    expires: 2_000_000_000,
  })
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)
  const small = await archive([plainImage([], lxd(Buffer.from('{{ container.name }}\xff', 'latin1')))], false, {
    ...quiet,
    warn,
  })
  const read = await (await (await small.list())[0]!.open()).metadata()
  expect(read).toMatchObject(lxd(Buffer.from('{{ container.name }}\xff', 'latin1')))
  expect(warnings).toEqual([])
  const large = await archive([plainImage([], lxd(Buffer.alloc(2 ** 20)))], false, { ...quiet, warn })
  expect((await (await (await large.list())[0]!.open()).metadata()).templates).toEqual([])
  expect(warnings).toMatchObject([expect.stringContaining('templates')])
})

test.each(['{', '{}', '{"templates":[{"target":""}],"files":{}}'])(
  'an annotation that is not ours is refused: %s',
  (text) => {
    const read = () => readLxdAnnotations({ 'ingot.lxd.templates': text }, 'test')
    expect(read).toThrow(expect.objectContaining({ code: 'bad-input' }))
    expect(() => readLxdAnnotations({ 'ingot.expires': 'soon' }, 'test')).toThrow(/seconds/)
  },
)

test.each([0, 511, 8 ** 11 - 1, 8 ** 11, 9 * 1024 ** 3])(
  'a blob of %d bytes has a header that GNU tar reads',
  async (size) => {
    const path = fresh()
    const name = `blobs/sha256/${'a'.repeat(64)}`
    await writeFile(path, blobHeader(name, size))
    await truncate(path, 512 + Math.ceil(size / 512) * 512)
    await writeFile(path, endOfArchive, { flag: 'a' })
    const line = execFileSync('tar', ['--numeric-owner', '-tvf', path], { encoding: 'utf8' })
    expect(line).toMatch(new RegExp(`^-rw-r--r-- 0/0 +${size} .* ${name}\n$`))
    expect((await indexMembers(await openFile(path))).get(name)?.size).toBe(size)
    await rm(path)
  },
)

test('a layout directory: what is there stays, the same name is replaced', async () => {
  const root = fresh()
  await mkdir(root)
  await writeOciLayout([sample(['a'])], quiet, root)
  const path = join(root, 'index.json')
  const index = JSON.parse(await readFile(path, 'utf8'))
  const alien = { mediaType: 'application/x', digest: digestOf('x'), size: 1, future: { a: [1] } }
  await writeFile(path, JSON.stringify({ ...index, manifests: [...index.manifests, alien], annotations: { k: 'v' } }))
  await writeFile(join(root, 'README'), 'extra')
  await writeOciLayout([plainImage([plainLayer(trees[1])], {}, ['b'])], quiet, root)
  const replaced = await writeOciLayout([plainImage([plainLayer([file('new')])], {}, ['a'])], quiet, root)
  await writeOciLayout([plainImage([plainLayer([file('new')])], {}, [])], quiet, root)
  await writeOciLayout([plainImage([plainLayer([file('new')])], {}, [])], quiet, root)
  const after = JSON.parse(await readFile(path, 'utf8'))
  expect(after.annotations).toEqual({ k: 'v' })
  expect(after.manifests[0]).toEqual(alien)
  expect(after.manifests).toHaveLength(4)
  const candidates = await layoutCandidates(directoryTree(root), {})
  expect(candidates.map(({ names }) => names)).toEqual([['b'], ['a']])
  const a = await candidates[1]!.open()
  expect(await contentsOf(a.layers[0]!)).toMatchObject([{ path: 'new' }])
  expect(digestOf(a.origin!.manifest!)).toBe(replaced.digest)
  expect((await readdir(root)).sort()).toEqual(['README', 'blobs', 'index.json', 'oci-layout'])
})

test('a layout directory: foreign folders are left alone, blobs have their usual modes', async () => {
  const root = fresh()
  await mkdir(root)
  await writeFile(join(root, 'precious'), 'x')
  await expect(writeOciLayout([sample()], quiet, root)).rejects.toMatchObject({ code: 'exists' })
  expect(await readdir(root)).toEqual(['precious'])
  const other = fresh()
  await mkdir(other)
  const { digest } = await writeOciLayout([sample()], quiet, other)
  expect((await stat(join(other, 'blobs/sha256', digestHex(digest)))).mode & 0o777).toBe(0o644)
})

test('a layout directory: processes that add at the same time lose nothing', async () => {
  const root = fresh()
  await mkdir(root)
  const writers = Array.from({ length: 12 }, (_, i) =>
    writeOciLayout([plainImage([plainLayer([file(`f${i % 3}`)])], {}, [`n${i}`])], quiet, root),
  )
  await Promise.all(writers)
  const candidates = await layoutCandidates(directoryTree(root), {})
  expect(candidates.flatMap(({ names }) => names).sort()).toEqual(writers.map((_, i) => `n${i}`).sort())
  expect((await readdir(root)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a failing layer leaves the index as it was and no temporary files', async () => {
  const root = fresh()
  await mkdir(root)
  await writeOciLayout([sample(['a'])], quiet, root)
  const before = await readFile(join(root, 'index.json'))
  await expect(writeOciLayout([plainImage([plainLayer([file('.wh.x')])], {}, ['a'])], quiet, root)).rejects.toThrow()
  expect((await readFile(join(root, 'index.json'))).equals(before)).toBe(true)
  expect((await readdir(root)).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
})

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const arbitraryEntry = fc
  .record({
    name,
    content: fc.uint8Array({ maxLength: 2000 }),
    uid: fc.constantFrom(0, 1000, 4294967294),
    mode: fc.nat(0o7777),
    mtime: fc.bigInt({ min: -(10n ** 18n), max: 4n * 10n ** 18n }),
    kind: fc.constantFrom('file', 'symlink', 'char', 'fifo'),
    capability: fc.option(fc.uint8Array({ minLength: 20, maxLength: 24 })),
  })
  .map(({ name: path, content, kind, capability, ...fields }): TestEntry => {
    const common = { path, ...fields }
    if (kind === 'symlink') return link(path, Buffer.from(content).toString('hex').slice(0, 150) || 'x')
    if (kind === 'char') return entry({ ...common, type: 'char', devMajor: 1, devMinor: 3 })
    if (kind === 'fifo') return entry({ ...common, type: 'fifo' })
    const xattrs = capability ? new Map([['security.capability', Buffer.from(capability)]]) : noXattrs
    return entry({ ...common, type: 'file', xattrs }, Buffer.from(content))
  })
const arbitraryLayer = fc.uniqueArray(arbitraryEntry, { maxLength: 6, selector: (e) => e.header.path })

test('random images through OCI, Docker and back', async () => {
  const plain = async (entries: readonly TestEntry[]) => await contentsOf(plainLayer(entries))
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryLayer, { maxLength: 3 }), async (layers) => {
      const image = plainImage(layers.map((entries) => plainLayer(entries)))
      const oci = await archive([image], false, { compression: { kind: 'zstd' } })
      const docker = await archive([await onlyImage(oci)], true)
      const back = await archive([await onlyImage(docker)], false, { compression: { kind: 'none' } })
      const read = await onlyImage(back)
      expect(await Promise.all(read.layers.map(contentsOf))).toEqual(await Promise.all(layers.map(plain)))
      const history = layers.map(() => ({ created_by: 'ingot' }))
      expect(await read.metadata()).toEqual({ ...(await image.metadata()), history })
      for (const out of [oci, docker, back]) await rm(out.path)
    }),
    { numRuns: 25 },
  )
})

test('gzip layers hold nothing of this machine', async () => {
  const out = await archive([sample()], false)
  const { layers } = await out.blob(out.written.digest)
  const member = await out.tree.file(`blobs/${layers[0].digest.replace(':', '/')}`)
  const bytes = await collect(member!.open())
  expect(bytes.readUInt32LE(4)).toBe(0)
  expect(gunzipSync(bytes).equals(tarOf(trees[0]))).toBe(true)
})
