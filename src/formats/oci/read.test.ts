import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { digestOf } from '../../image/digest.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { directoryTree } from '../blob-tree.ts'
import { dockerMediaTypes, mediaTypes } from './media-types.ts'
import { layoutCandidates } from './read.ts'
import { contentsOf, file, layerType, named, TestLayout, tarOf } from './test-layouts.ts'

const tar = tarOf([file('etc/hostname', 'one')])
const upper = tarOf([file('etc/.wh.hostname', ''), file('etc/other')])

const list = (layout: TestLayout) => layoutCandidates(layout.tree, {})

async function only(layout: TestLayout): Promise<SystemImage> {
  const candidates = await list(layout)
  expect(candidates).toHaveLength(1)
  return await candidates[0]!.open()
}

async function readAll(image: SystemImage): Promise<void> {
  for (const layer of image.layers) await contentsOf(layer)
}

/** A layout whose one layer or document was tampered with. */
function layoutOf(change: (layout: TestLayout) => ReturnType<TestLayout['image']>): TestLayout {
  const layout = new TestLayout()
  return layout.top([change(layout)])
}

test('reads names, platform, metadata and layers', async () => {
  const layout = new TestLayout()
  const config = {
    created: '2024-05-06T07:08:09.123456789Z',
    author: 'me',
    config: {
      User: 'www:33',
      ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
      Env: ['PATH=/bin', 'A=b'],
      Entrypoint: ['/init'],
      Cmd: null,
      Volumes: { '/data': {} },
      WorkingDir: '/srv',
      Labels: { 'org.opencontainers.image.version': '7', x: 'y' },
      StopSignal: 'SIGRTMIN+3',
      Healthcheck: { Test: ['CMD', 'true'], Interval: 5e9 },
      OnBuild: ['RUN x'],
      Shell: ['/bin/sh', '-c'],
      Unknown: 1,
    },
    history: [{ created_by: 'a' }, { created_by: 'b', comment: null }],
  }
  const annotations = { 'org.opencontainers.image.description': 'A test', 'ingot.property.os': 'debian' }
  layout.top([named(layout.image([tar, upper], { config, manifest: { annotations } }), 'x:1')])
  const [candidate] = await list(layout)
  expect(candidate).toMatchObject({ names: ['x:1'], platform: { os: 'linux', architecture: 'amd64' } })
  const image = await candidate!.open()
  expect(image.names).toEqual(['x:1'])
  expect(await image.metadata()).toEqual({
    architecture: 'x86_64',
    created: Date.UTC(2024, 4, 6, 7, 8, 9) / 1000,
    author: 'me',
    properties: { description: 'A test', version: '7', os: 'debian' },
    run: {
      user: 'www:33',
      ports: ['443/tcp', '80/tcp'],
      env: ['PATH=/bin', 'A=b'],
      entrypoint: ['/init'],
      volumes: ['/data'],
      workdir: '/srv',
      labels: { 'org.opencontainers.image.version': '7', x: 'y' },
      stopSignal: 'SIGRTMIN+3',
      healthcheck: { Test: ['CMD', 'true'], Interval: 5e9 },
      onBuild: ['RUN x'],
      shell: ['/bin/sh', '-c'],
    },
    templates: [],
    templateFiles: new Map(),
    history: [{ created_by: 'a' }, { created_by: 'b' }],
    annotations,
  })
  expect(image.layers.map((layer) => layer.diffId)).toEqual([digestOf(tar), digestOf(upper)])
  expect(image.layers.every((layer) => layer.whiteouts && layer.blob?.compression === 'gzip')).toBe(true)
  expect(await contentsOf(image.layers[0]!)).toMatchObject([{ path: 'etc/hostname', content: 'one' }])
  expect(await contentsOf(image.layers[1]!)).toMatchObject([{ path: 'etc/.wh.hostname' }, { path: 'etc/other' }])
})

test('nested indexes are followed; other platforms, attestations, artifacts and unknown types do not disturb', async () => {
  const layout = new TestLayout()
  const amd64 = { ...layout.image([tar]), platform: { os: 'linux', architecture: 'amd64' } }
  const arm = { ...layout.image([upper]), platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }
  const attestation = { ...layout.image([]), platform: { os: 'unknown', architecture: 'unknown' } }
  const empty = layout.json({}, 'application/vnd.oci.empty.v1+json')
  const artifact = layout.json(
    { schemaVersion: 2, artifactType: 'application/x', config: empty, layers: [] },
    mediaTypes.manifest,
  )
  const unknown = layout.json({ anything: 1 }, 'application/vnd.example+json')
  const inner = layout.index([amd64, attestation, arm])
  layout.top([named(layout.index([inner, artifact]), 'multi'), unknown, artifact]).delete(arm.digest)
  const candidates = await list(layout)
  expect(candidates).toMatchObject([
    { names: ['multi'], platform: { architecture: 'amd64' } },
    { names: ['multi'], platform: { architecture: 'arm', variant: 'v7' } },
  ])
  await readAll(await candidates[0]!.open())
  await expect(candidates[1]!.open()).rejects.toMatchObject({ code: 'not-found' })
})

test('two names of one manifest are one image; docker’s full name is taken when both are there', async () => {
  const layout = new TestLayout()
  const image = layout.image([tar])
  const full = 'docker.io/library/c:latest'
  const annotations = { 'org.opencontainers.image.ref.name': 'latest', 'io.containerd.image.name': full }
  layout.top([named(image, 'a'), named(image, 'b'), { ...image, annotations }])
  expect((await list(layout)).map((candidate) => candidate.names)).toEqual([['a', 'b', full]])
})

test('Docker media types, and a layer compressed otherwise than its type says', async () => {
  const layout = new TestLayout()
  const config = layout.json(
    { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf(tar), digestOf(tar)] } },
    dockerMediaTypes.config,
  )
  const layers = [
    layout.blob(zstdCompressSync(tar), 'application/vnd.docker.image.rootfs.diff.tar.gzip'),
    layout.blob(tar, 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'),
  ]
  const manifest = { schemaVersion: 2, mediaType: dockerMediaTypes.manifest, config, layers }
  const list2 = { schemaVersion: 2, mediaType: dockerMediaTypes.index }
  const nested = { manifests: [layout.json(manifest, dockerMediaTypes.manifest)], ...list2 }
  const image = await only(layout.top([layout.json(nested, dockerMediaTypes.index)]))
  expect(image.layers.map((layer) => layer.blob?.compression)).toEqual(['zstd', 'none'])
  await readAll(image)
})

test('sha512 throughout', async () => {
  const image = await only(layoutOf((layout) => layout.image([tar], { algorithm: 'sha512' })))
  expect(image.layers[0]!.diffId).toMatch(/^sha512:/)
  await readAll(image)
})

test('a digest of an unknown algorithm fails only when it is opened', async () => {
  const layout = new TestLayout()
  const strange = { mediaType: 'application/x', digest: `blake3:${'0'.repeat(64)}`, size: 1 }
  layout.top([strange, layout.image([tar])])
  await readAll(await only(layout))
  layout.top([{ ...strange, mediaType: mediaTypes.manifest }])
  await expect(list(layout)).rejects.toMatchObject({ code: 'bad-input' })
})

test('data in a descriptor is used, and verified', async () => {
  const layout = new TestLayout()
  const bytes = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
  const config = { mediaType: mediaTypes.config, digest: digestOf(bytes), size: bytes.length }
  const whole = { ...config, data: bytes.toString('base64') }
  expect((await only(layout.top([layout.image([], { manifest: { config: whole } })]))).layers).toEqual([])
  const other = { ...config, data: Buffer.from(bytes.toString().replace('amd64', 'arm64')).toString('base64') }
  layout.top([layout.image([], { manifest: { config: other } })])
  await expect(list(layout)).rejects.toMatchObject({ code: 'corrupt' })
})

const platform = { os: 'linux', architecture: 'amd64' }
const badLists: readonly (readonly [string, string, (layout: TestLayout) => void])[] = [
  ['layout version', 'unsupported', (l) => l.files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"2.0.0"}'))],
  ['no oci-layout', 'bad-input', (l) => l.files.delete('oci-layout')],
  ['no index.json', 'bad-input', (l) => l.files.delete('index.json')],
  ['index.json not JSON', 'bad-input', (l) => l.files.set('index.json', Buffer.from('{'))],
  ['index.json null', 'bad-input', (l) => l.files.set('index.json', Buffer.from('null'))],
  ['index.json not UTF-8', 'bad-input', (l) => l.files.set('index.json', Buffer.from('"\xff"', 'latin1'))],
  ['index schemaVersion', 'bad-input', (l) => l.top([], { schemaVersion: 1 })],
  ['index with layers', 'bad-input', (l) => l.top([], { layers: [] })],
  ['negative size', 'bad-input', (l) => l.top([{ ...l.image([]), size: -1 }])],
  ['fractional size', 'bad-input', (l) => l.top([{ ...l.image([]), size: 1.5 }])],
  ['malformed digest', 'bad-input', (l) => l.top([{ ...l.image([]), digest: 'sha256:../../x' }])],
  ['short digest', 'bad-input', (l) => l.top([{ ...l.image([]), digest: 'sha256:abcd' }])],
  ['manifest schemaVersion', 'bad-input', (l) => l.top([l.image([], { manifest: { schemaVersion: 1 } })])],
  ['manifest with manifests', 'bad-input', (l) => l.top([l.image([], { manifest: { manifests: [] } })])],
  ['nested index with layers', 'bad-input', (l) => l.top([l.index([], { layers: [] })])],
  ['nested index with config', 'bad-input', (l) => l.top([l.index([], { config: {} })])],
  [
    'embedded media type differs',
    'bad-input',
    (l) => l.top([l.image([], { manifest: { mediaType: dockerMediaTypes.manifest } })]),
  ],
  ['an index called a manifest', 'bad-input', (l) => l.top([{ ...l.index([]), mediaType: mediaTypes.manifest }])],
  ['manifest size', 'corrupt', (l) => l.top([{ ...l.image([]), size: 7, platform }])],
  [
    'manifest digest',
    'corrupt',
    (l) => {
      const image = l.image([])
      const path = `blobs/${image.digest.replace(':', '/')}`
      l.files.set(path, Buffer.from(l.files.get(path)!.toString().replace('2', '3')))
      l.top([image])
    },
  ],
  [
    'manifest too large',
    'limit',
    (l) => l.top([l.image([], { manifest: { annotations: { x: 'x'.repeat(5 << 20) } } })]),
  ],
  [
    'nested too deep',
    'limit',
    (l) => {
      let index = l.index([l.image([])])
      for (let i = 0; i < 9; i++) index = l.index([index])
      l.top([index])
    },
  ],
]

test.each(badLists)('refuses: %s (%s)', async (_, code, spoil) => {
  const layout = new TestLayout()
  layout.top([layout.image([tar])])
  spoil(layout)
  await expect(list(layout)).rejects.toMatchObject({ code })
})

test('an index graph that fans out does not take forever', async () => {
  const layout = new TestLayout()
  let index = layout.index([layout.image([])])
  for (let i = 0; i < 6; i++) index = layout.index(Array.from({ length: 1000 }, () => index))
  expect(await list(layout.top([index]))).toHaveLength(1)
})

const badImages: readonly (readonly [string, string, (layout: TestLayout) => ReturnType<TestLayout['image']>])[] = [
  ['fewer DiffIDs', 'bad-input', (l) => l.image([tar], { config: { rootfs: { type: 'layers', diff_ids: [] } } })],
  ['no rootfs', 'bad-input', (l) => ({ ...l.image([], { config: { rootfs: undefined } }), platform })],
  ['unknown architecture', 'bad-input', (l) => l.image([], { config: { architecture: 'pdp11' } })],
  ['no architecture', 'bad-input', (l) => l.image([], { config: { architecture: undefined } })],
  ['windows', 'unsupported', (l) => l.image([], { config: { os: 'windows' } })],
  ['created is no time', 'bad-input', (l) => l.image([], { config: { created: 'yesterday' } })],
  [
    'encrypted layer',
    'unsupported',
    (l) => {
      const layers = [l.blob(gzipSync(tar), `${layerType}+encrypted`)]
      const config = { rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } }
      return l.image([], { config, manifest: { layers } })
    },
  ],
  [
    'unknown layer type',
    'unsupported',
    (l) => l.image([], { manifest: { layers: [l.blob(tar, 'application/vnd.example.layer')] } }),
  ],
  [
    'layer size',
    'corrupt',
    (l) => l.image([], { manifest: { layers: [{ ...l.blob(gzipSync(tar), layerType), size: 3 }] } }),
  ],
  [
    'layer missing',
    'not-found',
    (l) => {
      const layer = l.blob(gzipSync(tar), layerType)
      l.delete(layer.digest)
      return l.image([], { manifest: { layers: [layer] } })
    },
  ],
]

test.each(badImages)('does not open: %s (%s)', async (_, code, make) => {
  const candidates = await list(layoutOf(make))
  expect(candidates).toHaveLength(1)
  await expect(candidates[0]!.open()).rejects.toMatchObject({ code })
})

test.each(['entries', 'tar', 'blob'] as const)('wrong layer digest is found by reading %s', async (way) => {
  const layout = new TestLayout()
  const good = layout.blob(gzipSync(tar), layerType)
  const bytes = gzipSync(tarOf([file('etc/hostname', 'two')]))
  const padded = Buffer.concat([bytes, Buffer.alloc(Math.max(0, good.size - bytes.length))]).subarray(0, good.size)
  const config = { rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } }
  layout.top([layout.image([], { config, manifest: { layers: [good] } })])
  layout.files.set(`blobs/${good.digest.replace(':', '/')}`, padded)
  const layer = (await only(layout)).layers[0]!
  const read = async () => {
    if (way === 'entries') await contentsOf(layer)
    else for await (const _ of way === 'tar' ? layer.tar!() : layer.blob!.open());
  }
  await expect(read()).rejects.toMatchObject({ code: 'corrupt' })
})

test('a wrong DiffID is found though the blob is as promised', async () => {
  const config = { rootfs: { type: 'layers', diff_ids: [digestOf(upper)] } }
  const image = await only(layoutOf((l) => l.image([tar], { config })))
  await expect(readAll(image)).rejects.toMatchObject({ code: 'corrupt' })
})

test('a layer cut off, with size and digest to match, is found', async () => {
  const cut = gzipSync(tar).subarray(0, -12)
  const config = { rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } }
  const image = await only(layoutOf((l) => l.image([], { config, manifest: { layers: [l.blob(cut, layerType)] } })))
  await expect(readAll(image)).rejects.toMatchObject({ code: expect.stringMatching(/corrupt|bad-input/) })
})

test('history that does not fit the layers, and amd64 with a variant, are tolerated', async () => {
  const config = { variant: 'v3', history: [{ created_by: 'a' }, { created_by: 'b' }, {}] }
  const image = await only(layoutOf((l) => l.image([tar], { config })))
  expect(await image.metadata()).toMatchObject({ architecture: 'x86_64', history: [{}, {}, {}] })
})

test('an image that does not say its architecture takes the one that the user says', async () => {
  const layout = layoutOf((l) => l.image([tar], { config: { architecture: '', os: '' } }))
  const [candidate] = await layoutCandidates(layout.tree, { architecture: 'riscv64' })
  expect(await (await candidate!.open()).metadata()).toMatchObject({ architecture: 'riscv64' })
})

test('200 layers', async () => {
  const tars = Array.from({ length: 200 }, (_, i) => tarOf([file(`f${i}`)]))
  const image = await only(layoutOf((l) => l.image(tars)))
  expect(image.layers).toHaveLength(200)
  expect(await contentsOf(image.layers[199]!)).toMatchObject([{ path: 'f199' }])
})

test('an empty layout has no images, also when an old writer put null', async () => {
  expect(await list(new TestLayout().top([]))).toEqual([])
  expect(await list(new TestLayout().top([], { manifests: null }))).toEqual([])
})

test('a directory: links may stay inside, not lead out; a folder is no blob', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-oci-'))
  const layout = new TestLayout()
  layout.top([layout.image([tar])])
  for (const [path, bytes] of layout.files) {
    await mkdir(dirname(join(folder, 'layout', path)), { recursive: true })
    await writeFile(join(folder, 'layout', path), bytes)
  }
  const tree = directoryTree(join(folder, 'layout'))
  await readAll(await (await layoutCandidates(tree, {}))[0]!.open())
  await writeFile(join(folder, 'secret'), 'x')
  await symlink('../secret', join(folder, 'layout', 'out'))
  await symlink('index.json', join(folder, 'layout', 'in'))
  await expect(tree.file('out')).rejects.toMatchObject({ code: 'bad-input' })
  await expect(tree.file('blobs')).rejects.toMatchObject({ code: 'bad-input' })
  expect(await tree.file('in')).toMatchObject({ size: layout.files.get('index.json')!.length })
  expect(await tree.file('none')).toBeUndefined()
  expect(await tree.file('index.json/x')).toBeUndefined()
  await rm(folder, { recursive: true })
})
