import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { digestHex, digestOf } from '../../image/digest.ts'
import {
  contentsOf,
  entry,
  file,
  link,
  memoryFile,
  named,
  type TestEntry,
  TestLayout,
  tarOf,
} from '../oci/test-layouts.ts'
import type { Candidate, ImageInput } from '../types.ts'
import { dockerFormat } from './index.ts'

const tar = tarOf([file('etc/hostname', 'one')])
const upper = tarOf([file('etc/other')])

function input(bytes: Buffer): ImageInput {
  return { display: 'test.tar', parts: [{ kind: 'file', path: 'test.tar', file: memoryFile('test.tar', bytes) }] }
}

const list = (bytes: Buffer) => dockerFormat.list(input(bytes), {})
const paths = async (candidate: Candidate) => {
  const image = await candidate.open()
  const all = await Promise.all(image.layers.map(contentsOf))
  return all.map((entries) => (entries as { path: string }[]).map(({ path }) => path))
}

function configOf(tars: readonly Buffer[], fields: object = {}): Buffer {
  const rootfs = { type: 'layers', diff_ids: tars.map((layer) => digestOf(layer)) }
  return Buffer.from(JSON.stringify({ architecture: 'arm64', os: 'linux', rootfs, ...fields }))
}

/** An archive in the old form: `docker save` before 25, with its manifest.json last. */
function oldForm(tars: readonly Buffer[], { tags = ['a:1'] as string[] | null, fields = {} } = {}): TestEntry[] {
  const config = configOf(tars, fields)
  const name = `${digestHex(digestOf(config))}.json`
  const layers = tars.map((layer, i) => ({ path: `${String(i).repeat(64)}/layer.tar`, layer }))
  const item = { Config: name, RepoTags: tags, Layers: layers.map(({ path }) => path) }
  return [
    ...layers.map(({ path, layer }) => entry({ path, type: 'file' }, layer)),
    entry({ path: name, type: 'file' }, config),
    file('manifest.json', JSON.stringify([item])),
  ]
}

test('old form, manifest.json last', async () => {
  const bytes = tarOf(oldForm([tar, upper]))
  expect(await dockerFormat.detect(input(bytes))).toBe(true)
  const candidates = await list(bytes)
  expect(candidates).toMatchObject([{ names: ['a:1'], platform: { os: 'linux', architecture: 'arm64' } }])
  expect(await paths(candidates[0]!)).toEqual([['etc/hostname'], ['etc/other']])
  const image = await candidates[0]!.open()
  expect(image.layers[0]!.blob).toMatchObject({ digest: digestOf(tar), compression: 'none' })
})

test.each([
  ['./ prefixes', (entries: TestEntry[]) => tarOf([entry({ path: '', type: 'directory' }), ...entries], './')],
  ['gzip outside', (entries: TestEntry[]) => gzipSync(tarOf(entries))],
  ['zstd outside', (entries: TestEntry[]) => zstdCompressSync(tarOf(entries))],
])('%s', async (_, make) => {
  const bytes = make(oldForm([tar, upper]))
  expect(await dockerFormat.detect(input(bytes))).toBe(true)
  expect(await paths((await list(bytes))[0]!)).toEqual([['etc/hostname'], ['etc/other']])
})

test('an outer bomb is stopped', async () => {
  const bytes = gzipSync(tarOf([...oldForm([tar]), entry({ path: 'zeros', type: 'file' }, Buffer.alloc(1 << 20))]))
  await expect(dockerFormat.list(input(bytes), { limits: { maxBytes: 100_000 } })).rejects.toMatchObject({
    code: 'limit',
  })
})

test('symbolic links for layers, as skopeo and old docker write them', async () => {
  const [first, ...rest] = oldForm([tar, tar])
  const moved = entry({ path: 'data.tar', type: 'file' }, first!.content)
  const id = (n: string) => `${n.repeat(64)}/layer.tar`
  const entries = [moved, link(id('0'), '../data.tar'), link(id('1'), `../${id('0')}`), ...rest.slice(1)]
  expect(await paths((await list(tarOf(entries)))[0]!)).toEqual([['etc/hostname'], ['etc/hostname']])
})

test('one file for two layers', async () => {
  const config = configOf([tar, tar])
  const item = { Config: 'c.json', RepoTags: ['x:1'], Layers: ['l.tar', 'l.tar'] }
  const entries = [entry({ path: 'l.tar', type: 'file' }, tar), file('manifest.json', JSON.stringify([item]))]
  const bytes = tarOf([...entries, entry({ path: 'c.json', type: 'file' }, config)])
  expect(await paths((await list(bytes))[0]!)).toEqual([['etc/hostname'], ['etc/hostname']])
})

test('RepoTags null, zero layers, Layers null', async () => {
  expect(await list(tarOf(oldForm([tar], { tags: null })))).toMatchObject([{ names: [] }])
  expect(await paths((await list(tarOf(oldForm([]))))[0]!)).toEqual([])
  const config = entry({ path: 'c.json', type: 'file' }, configOf([]))
  const item = { Config: 'c.json', RepoTags: ['x:1', 'y:2'], Layers: null }
  const [candidate] = await list(tarOf([config, file('manifest.json', JSON.stringify([item]))]))
  expect(candidate!.names).toEqual(['x:1', 'y:2'])
  expect((await candidate!.open()).layers).toEqual([])
})

test('two images', async () => {
  const a = configOf([tar])
  const b = configOf([tar, upper])
  const items = [
    { Config: 'a.json', RepoTags: ['a:1'], Layers: ['1.tar'] },
    { Config: 'b.json', RepoTags: ['b:1'], Layers: ['1.tar', '2.tar'] },
  ]
  const contents = { '1.tar': tar, '2.tar': upper, 'a.json': a, 'b.json': b }
  const entries = Object.entries(contents).map(([path, bytes]) => entry({ path, type: 'file' }, bytes))
  const candidates = await list(tarOf([...entries, file('manifest.json', JSON.stringify(items))]))
  expect(candidates.map(({ names }) => names)).toEqual([['a:1'], ['b:1']])
  expect(await paths(candidates[1]!)).toEqual([['etc/hostname'], ['etc/other']])
})

test('compressed layers keep their DiffIDs; without a promised digest they are no blobs', async () => {
  const config = configOf([tar, upper])
  const item = { Config: 'c.json', RepoTags: null, Layers: ['1.tar.gz', '2.tar'] }
  const entries = [
    entry({ path: '1.tar.gz', type: 'file' }, gzipSync(tar)),
    entry({ path: '2.tar', type: 'file' }, zstdCompressSync(upper)),
    entry({ path: 'c.json', type: 'file' }, config),
    file('manifest.json', JSON.stringify([item])),
  ]
  const [candidate] = await list(tarOf(entries))
  expect(await paths(candidate!)).toEqual([['etc/hostname'], ['etc/other']])
  expect((await candidate!.open()).layers[0]!.blob).toBeUndefined()
})

/** Docker 25's form: a layout with a manifest.json for one of its images. */
function newForm(layout: TestLayout, image: { digest: string }, tags = ['n:1']): TestEntry[] {
  const at = (digest: string) => `blobs/${digest.replace(':', '/')}`
  const manifest = JSON.parse(layout.files.get(at(image.digest))!.toString())
  const layers = manifest.layers.map((layer: { digest: string }) => at(layer.digest))
  const item = { Config: at(manifest.config.digest), RepoTags: tags, Layers: layers }
  return [...layout.entries, file('manifest.json', JSON.stringify([item]))]
}

test('new form: read through the layout, with its annotations and digests', async () => {
  const layout = new TestLayout()
  const annotations = { a: 'b' }
  const image = layout.image([tar], { manifest: { annotations } })
  layout.top([named(image, '1')])
  const bytes = tarOf(newForm(layout, image))
  expect(await dockerFormat.detect(input(bytes))).toBe(true)
  const candidates = await list(bytes)
  expect(candidates).toMatchObject([{ names: ['n:1'] }])
  const read = await candidates[0]!.open()
  expect(await read.metadata()).toMatchObject({ annotations })
  expect(read.layers[0]!.blob).toMatchObject({ digest: digestOf(gzipSync(tar)), compression: 'gzip' })
})

test('new form: an OCI manifest without layers (docker 25.0-rc) does not matter', async () => {
  const layout = new TestLayout()
  const image = layout.image([tar])
  const entries = newForm(layout, image)
  const broken = layout.image([tar], { manifest: { layers: [] } })
  layout.top([named(broken, '1')])
  const bytes = tarOf([...layout.entries, entries.at(-1)!])
  expect(await Promise.all((await list(bytes)).map(paths))).toEqual([[['etc/hostname']]])
})

test('new form: other platforms that are complete are listed too, under the same names', async () => {
  const layout = new TestLayout()
  const config = { architecture: 'arm64' }
  const amd64 = { ...layout.image([tar]), platform: { os: 'linux', architecture: 'amd64' } }
  const arm64 = { ...layout.image([upper], { config }), platform: { os: 'linux', architecture: 'arm64' } }
  const gone = layout.image([], { config: { architecture: 's390x' } })
  const s390x = { ...gone, platform: { os: 'linux', architecture: 's390x' } }
  const annotations = { 'io.containerd.image.name': 'docker.io/library/n:1' }
  const half = layout.image([tarOf([file('half')])], { config: { architecture: 'riscv64' } })
  const riscv64 = { ...half, platform: { os: 'linux', architecture: 'riscv64' } }
  layout.delete(gone.digest).delete(digestOf(gzipSync(tarOf([file('half')]))))
  layout.top([{ ...layout.index([amd64, arm64, s390x, riscv64]), annotations }])
  const candidates = await list(tarOf(newForm(layout, amd64)))
  expect(candidates).toMatchObject([
    { names: ['n:1'], platform: { architecture: 'amd64' } },
    { names: ['n:1'], platform: { architecture: 'arm64' } },
  ])
  expect(candidates).toHaveLength(2)
  expect(await paths(candidates[1]!)).toEqual([['etc/other']])
})

const spoiled: readonly (readonly [string, string, TestEntry[]])[] = [
  ['manifest.json null', 'bad-input', [file('manifest.json', 'null')]],
  ['manifest.json no JSON', 'bad-input', [file('manifest.json', '[')]],
  ['config missing', 'bad-input', [file('manifest.json', '[{"Config":"x.json","Layers":[]}]')]],
  ['no manifest.json', 'bad-input', [file('repositories', '{}')]],
  [
    'config differs from its name',
    'corrupt',
    oldForm([tar]).map((e) =>
      /^[0-9a-f]{64}\.json$/.test(e.header.path) ? entry(e.header, configOf([tar], { os: 'plan9' })) : e,
    ),
  ],
]
test.each(spoiled)('refuses: %s (%s)', async (_, code, entries) => {
  await expect(list(tarOf(entries))).rejects.toMatchObject({ code })
})

test('an empty list has no images', async () => {
  expect(await list(tarOf([file('manifest.json', '[]')]))).toEqual([])
})

test('layers that are missing, too many, or not what their DiffID says', async () => {
  const missing = oldForm([tar]).slice(1)
  await expect((await list(tarOf(missing)))[0]!.open()).rejects.toMatchObject({ code: 'bad-input' })
  const rootfs = { type: 'layers', diff_ids: [] }
  const many = await list(tarOf(oldForm([tar], { fields: { rootfs } })))
  await expect(many[0]!.open()).rejects.toMatchObject({ code: 'bad-input' })
  const other = oldForm([tar]).map((e) => (e.header.path.endsWith('layer.tar') ? entry(e.header, upper) : e))
  await expect((await list(tarOf(other))).map(paths)[0]).rejects.toMatchObject({ code: 'corrupt' })
})

test('other archives and other files are not detected', async () => {
  for (const bytes of [
    tar,
    gzipSync(tar),
    Buffer.alloc(0),
    Buffer.alloc(1024),
    Buffer.from('hello'),
    tarOf([file('metadata.yaml'), file('manifest.json')]),
    tarOf([file('manifest.txt')]),
    gzipSync(Buffer.from('no tar at all')),
  ]) {
    expect(await dockerFormat.detect(input(bytes))).toBe(false)
  }
})
