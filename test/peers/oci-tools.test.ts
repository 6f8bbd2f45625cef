import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { archiveTree, directoryTree } from '../../src/formats/blob-tree.ts'
import { dockerCandidates } from '../../src/formats/docker/read.ts'
import { layoutCandidates } from '../../src/formats/oci/read.ts'
import { writeOciArchive } from '../../src/formats/oci/write-archive.ts'
import { writeOciLayout } from '../../src/formats/oci/write-layout.ts'
import type { Candidate, WriteOptions } from '../../src/formats/types.ts'
import { openFile } from '../../src/host/file.ts'
import type { SystemImage } from '../../src/image/system-image.ts'
import { flatten } from '../../src/layers/flatten.ts'
import { recordsOf, type TreeRecords } from '../support/records.ts'
import { item, tortureTree, treeImage, treeLayer } from '../support/trees.ts'

// skopeo, umoci, buildah and podman read what Ingot writes and the other way round.

const has = (tool: string) => (process.env.PATH ?? '').split(delimiter).some((dir) => existsSync(join(dir, tool)))

/** Skips a test, with the reason, where its peer or the right to run it is missing. */
function need(context: TestContext, tool: string, root = false): void {
  if (!has(tool)) context.skip(`${tool} is not installed`)
  if (root && process.getuid?.() !== 0) context.skip(`${tool} needs root here`)
}

const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 })
const skopeo = (...args: readonly string[]) => run('skopeo', '--insecure-policy', ...args)

let folder: string
let counter = 0
const fresh = (suffix = '') => join(folder, `${counter++}${suffix}`)
beforeAll(() => {
  // buildah makes an image name of the path of a layout, and so cannot read one with capital letters in its path.
  folder = join(tmpdir(), `ingot-oci-peers-${randomBytes(6).toString('hex')}`)
  mkdirSync(folder, { mode: 0o700 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const quiet: WriteOptions = { warn: () => undefined, flatten }
const upper = [
  item({ path: 'etc', type: 'directory' }),
  item({ path: 'etc/.wh.shadow', type: 'file' }),
  item({ path: 'etc/added', type: 'file', uid: 4_000_000_000 }, 'added'),
]
const run1 = { cmd: ['/sbin/init'], env: ['PATH=/bin'], labels: { k: 'v' }, stopSignal: 'SIGRTMIN+3' }

function twoLayers(names = ['peer:1']): SystemImage {
  const base = treeImage(tortureTree, { run: run1, history: [{ created_by: 'a' }, { created_by: 'b' }] }, names)
  return { ...base, layers: [treeLayer(tortureTree), { ...treeLayer(upper), whiteouts: true }] }
}

async function write(kind: string, image: SystemImage, options: Partial<WriteOptions> = {}): Promise<string> {
  const all = { ...quiet, ...options }
  if (kind === 'oci') {
    const root = fresh()
    mkdirSync(root)
    await writeOciLayout([image], all, root)
    return `oci:${root}:peer:1`
  }
  const path = fresh('.tar')
  await writeOciArchive([image], all, path, { docker: kind === 'docker-archive' })
  return `${kind}:${path}`
}

/** The one image of a place that skopeo calls `KIND:PATH[:NAME]`. */
async function read(place: string): Promise<SystemImage> {
  const [kind, path] = place.split(':') as [string, string]
  const candidates: readonly Candidate[] =
    kind === 'oci'
      ? await layoutCandidates(directoryTree(path), {})
      : kind === 'docker-archive'
        ? await dockerCandidates(await archiveTree(await openFile(path)), {})
        : await layoutCandidates(await archiveTree(await openFile(path)), {})
  expect(candidates).toHaveLength(1)
  return await candidates[0]!.open()
}

const tree = async (image: SystemImage): Promise<TreeRecords> => await recordsOf(flatten(image.layers, 'flat'))

const kinds = ['oci', 'oci-archive', 'docker-archive'] as const
const pairs = kinds.flatMap((from) => kinds.map((to): [string, string] => [from, to]))

test.for(pairs)('skopeo copies %s (Ingot) to %s (skopeo)', async ([from, to], context) => {
  need(context, 'skopeo')
  const image = twoLayers()
  const source = await write(from, image)
  const target = `${to}:${fresh(to === 'oci' ? '' : '.tar')}`
  skopeo('copy', source, to === 'oci-archive' ? target : `${target}:peer:1`)
  const back = await read(target)
  expect(Object.fromEntries(await tree(back))).toEqual(Object.fromEntries(await tree(image)))
  expect((await back.metadata()).run).toEqual(run1)
  expect(back.layers.map(({ diffId }) => diffId)).toEqual((await read(source)).layers.map(({ diffId }) => diffId))
  if (to !== 'oci-archive') expect(back.names.map((name) => name.replace('docker.io/library/', ''))).toEqual(['peer:1'])
})

test('skopeo inspect: manifest digest, names, labels', async (context) => {
  need(context, 'skopeo')
  for (const kind of kinds) {
    const place = await write(kind, twoLayers())
    const found = JSON.parse(skopeo('inspect', place))
    expect(found).toMatchObject({ Architecture: 'amd64', Os: 'linux', Labels: { k: 'v' }, Env: ['PATH=/bin'] })
    expect(found.Created).toBe('2023-11-14T22:13:20Z')
    expect(found.Layers).toHaveLength(2)
  }
})

test('skopeo keeps ImageID and layer digests of a copy that Ingot passes on', async (context) => {
  need(context, 'skopeo')
  const first = `oci:${fresh()}:peer:1`
  skopeo('copy', await write('docker-archive', twoLayers()), first)
  const image = await read(first)
  const again = await write('oci', image)
  const raw = (place: string) => skopeo('inspect', '--raw', place)
  expect(raw(again)).toBe(raw(first))
})

test('skopeo takes every compression, an image without name, and one without created', async (context) => {
  need(context, 'skopeo')
  for (const kind of ['none', 'gzip', 'zstd'] as const) {
    skopeo('copy', await write('oci-archive', twoLayers(), { compression: { kind } }), `dir:${fresh()}`)
  }
  skopeo('copy', await write('docker-archive', twoLayers(), { compression: { kind: 'none' } }), `dir:${fresh()}`)
  const bare = twoLayers([])
  const metadata = async () => {
    const { created: _, ...rest } = await bare.metadata()
    return rest
  }
  for (const kind of ['oci-archive', 'docker-archive']) {
    skopeo('copy', await write(kind, { ...bare, metadata }), `dir:${fresh()}`)
  }
})

test('skopeo copies all platforms of a name both ways', async (context) => {
  need(context, 'skopeo')
  const root = fresh()
  mkdirSync(root)
  const arm = treeImage(upper.slice(0, 1), { architecture: 'armv7l' }, ['peer:1'])
  await writeOciLayout([twoLayers(), arm], quiet, root)
  const copy = fresh()
  skopeo('copy', '--all', `oci:${root}:peer:1`, `oci:${copy}:peer:1`)
  const list = await layoutCandidates(directoryTree(copy), {})
  expect(list.map(({ names, platform }) => [names, platform?.architecture, platform?.variant])).toEqual([
    [['peer:1'], 'amd64', undefined],
    [['peer:1'], 'arm', 'v7'],
  ])
  for (const candidate of list) await tree(await candidate.open())
})

test('umoci unpacks it: owners, modes, xattrs, devices', async (context) => {
  need(context, 'umoci', true)
  const bundle = fresh()
  run(
    'umoci',
    'unpack',
    '--image',
    (await write('oci', twoLayers(), { names: ['peer1'] })).replace(/^oci:(.*):peer:1$/, '$1:peer1'),
    bundle,
  )
  const rootfs = join(bundle, 'rootfs')
  const stat = (path: string) => run('stat', '-c', '%u:%g %a %F', join(rootfs, path)).trim()
  expect(stat('usr/bin/su')).toBe('0:0 4755 regular file')
  expect(stat('etc/added')).toBe('4000000000:0 644 regular file')
  expect(stat('dev/null')).toBe('0:0 666 character special file')
  expect(stat('tmp')).toBe('0:0 1777 directory')
  expect(existsSync(join(rootfs, 'etc/shadow'))).toBe(false)
  expect(readFileSync(join(rootfs, 'var/sparse')).length).toBe(1 << 20)
  expect(run('getfattr', '-d', '-m', '-', '-e', 'hex', join(rootfs, 'usr/bin/ping'))).toContain(
    'security.capability=0x0100000200200000',
  )
  const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))
  expect(config.process.args).toEqual(['/sbin/init'])
})

test('umoci and Ingot share one layout', async (context) => {
  need(context, 'umoci', true)
  const root = fresh()
  run('umoci', 'init', '--layout', root)
  run('umoci', 'new', '--image', `${root}:theirs`)
  const bundle = fresh()
  run('umoci', 'unpack', '--image', `${root}:theirs`, bundle)
  writeFileSync(join(bundle, 'rootfs', 'inserted'), 'inserted')
  run('umoci', 'repack', '--image', `${root}:theirs`, bundle)
  await writeOciLayout([twoLayers()], { ...quiet, names: ['ours'] }, root)
  run('umoci', 'gc', '--layout', root)
  expect(run('umoci', 'list', '--layout', root).trim().split('\n').sort()).toEqual(['ours', 'theirs'])
  run('umoci', 'tag', '--image', `${root}:ours`, 'also')
  const candidates = await layoutCandidates(directoryTree(root), {})
  expect(candidates.map(({ names }) => names)).toEqual([['theirs'], ['ours', 'also']])
  const theirs = await tree(await candidates[0]!.open())
  expect(theirs.get('inserted')).toMatchObject({ type: 'file', content: expect.stringMatching(/^8:/) })
  await tree(await candidates[1]!.open())
})

test('buildah: an image from scratch, pushed in each form, is read', async (context) => {
  need(context, 'buildah', true)
  const state = fresh()
  mkdirSync(join(state, 'context'), { recursive: true })
  writeFileSync(join(state, 'context', 'hello'), 'hello')
  writeFileSync(
    join(state, 'context', 'Dockerfile'),
    'FROM scratch\nCOPY hello /etc/hello\nENV A=b\nLABEL l=m\nCOPY hello /second\nCMD ["/x"]\n',
  )
  const buildah = (...args: readonly string[]) =>
    run('buildah', '--root', join(state, 'r'), '--runroot', join(state, 'rr'), '--storage-driver', 'vfs', ...args)
  try {
    buildah('bud', '--layers', '--isolation', 'chroot', '-t', 'made:1', join(state, 'context'))
    for (const kind of kinds) {
      const target = `${kind}:${fresh(kind === 'oci' ? '' : '.tar')}`
      buildah('push', 'localhost/made:1', kind === 'oci-archive' ? target : `${target}:made:1`)
      const image = await read(target)
      expect(image.layers).toHaveLength(2)
      const { run: made } = await image.metadata()
      expect(made).toMatchObject({ cmd: ['/x'], labels: { l: 'm' } })
      expect(made.env).toContain('A=b')
      const records = await tree(image)
      expect(records.get('etc/hello')?.content).toBe(records.get('second')?.content)
    }
    for (const kind of kinds) {
      const image = twoLayers()
      const pulled = buildah('pull', await write(kind, image)).trim()
      const target = `oci:${fresh()}:peer:1`
      buildah('push', pulled, target)
      expect(Object.fromEntries(await tree(await read(target)))).toEqual(Object.fromEntries(await tree(image)))
    }
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
})

test('podman load takes both archives, with their names', async (context) => {
  need(context, 'podman', true)
  const state = fresh()
  const podman = (...args: readonly string[]) =>
    run('podman', '--root', join(state, 'r'), '--runroot', join(state, 'rr'), '--storage-driver', 'vfs', ...args)
  const second = treeImage([item({ path: 'x', type: 'file' }, 'x')], {}, ['other:2', 'localhost:5000/third'])
  const path = fresh('.tar')
  await writeOciArchive([twoLayers(), second], quiet, path, { docker: true })
  podman('load', '-i', path)
  const listed = podman('images', '--format', '{{.Repository}}:{{.Tag}}').trim().split('\n').sort()
  expect(listed).toEqual(['localhost/other:2', 'localhost/peer:1', 'localhost:5000/third:latest'])
  podman('load', '-i', (await write('oci-archive', twoLayers(['single:1']))).replace(/^oci-archive:/, ''))
  const saved = fresh('.tar')
  podman('save', '-m', '-o', saved, 'localhost/peer:1', 'localhost/other:2')
  const candidates = await dockerCandidates(await archiveTree(await openFile(saved)), {})
  expect(candidates).toHaveLength(2)
  const peer = candidates.find((candidate) => candidate.names.includes('localhost/peer:1'))
  expect(Object.fromEntries(await tree(await peer!.open()))).toEqual(Object.fromEntries(await tree(twoLayers())))
})

test('a layout with attachments is read by name, and Ingot finds one image in it', async (context) => {
  need(context, 'skopeo')
  need(context, 'umoci')
  const attachments = async () => [{ artifactType: 'application/spdx+json', content: Buffer.from('{}') }]
  const reference = await write('oci', twoLayers(), { attachments })
  const root = reference.slice('oci:'.length, -':peer:1'.length)
  const { manifests } = JSON.parse(readFileSync(join(root, 'index.json'), 'utf8'))
  expect(manifests).toHaveLength(2)
  expect(JSON.parse(skopeo('inspect', reference)).Digest).toBe(manifests[0].digest)
  skopeo('copy', '-q', reference, `oci:${fresh()}:peer:1`)
  expect(run('umoci', 'list', '--layout', root).trim()).toBe('peer:1')
  expect(await layoutCandidates(directoryTree(root), {})).toHaveLength(1)
})
