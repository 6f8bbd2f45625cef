import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordsOf } from '../../../test/support/records.ts'
import { item, type TreeItem, tortureTree, treeLayer } from '../../../test/support/trees.ts'
import { compress } from '../../compression/compress.ts'
import type { CompressOptions } from '../../compression/types.ts'
import { openFile } from '../../host/file.ts'
import { collect } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { writeTar } from '../../tar/write.ts'
import type { ImageInput } from '../types.ts'
import { lxdFormat } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-lxd-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const yaml = 'architecture: amd64\ncreation_date: 1700000000\nproperties: {os: debian, release: bookworm}\n'
const templated = `${yaml}templates:\n  /etc/hostname: {when: [create], template: hostname.tpl}\n`
const metadataFile = (text = yaml) => item({ path: 'metadata.yaml', type: 'file' }, text)
const template = item({ path: 'templates/hostname.tpl', type: 'file' }, '{{ container.name }}\n')
const templates = [item({ path: 'templates', type: 'directory' }), template]

/** The tree in rootfs/. */
const inRootfs = tortureTree.map(({ header, content }) => ({
  content,
  header: {
    ...header,
    path: header.path === '' ? 'rootfs' : `rootfs/${header.path}`,
    linkTarget: header.type === 'hardlink' ? `rootfs/${header.linkTarget}` : header.linkTarget,
  },
}))

interface Options {
  readonly prefix?: '' | './'
  readonly kind?: CompressOptions['kind']
}

async function archive(
  name: string,
  items: readonly TreeItem[],
  { prefix = '', kind = 'none' }: Options = {},
): Promise<string> {
  const path = join(folder, name)
  writeFileSync(path, await collect(compress(writeTar(treeLayer(items).entries(), { prefix }), { kind })))
  return path
}

async function input(...paths: readonly string[]): Promise<ImageInput> {
  const parts = await Promise.all(
    paths.map(async (path) => ({ kind: 'file' as const, path, file: await openFile(path) })),
  )
  return { display: paths.join(), parts }
}

async function open(...paths: readonly string[]): Promise<SystemImage> {
  const candidates = await lxdFormat.list(await input(...paths), {})
  expect(candidates).toHaveLength(1)
  return await candidates[0]!.open()
}

async function expectTorture(image: SystemImage): Promise<void> {
  expect(image.layers).toHaveLength(1)
  expect(await recordsOf(image.layers[0]!)).toEqual(await recordsOf(treeLayer(tortureTree)))
}

test.each<[string, readonly TreeItem[], Options]>([
  ['metadata first', [metadataFile(), ...inRootfs], {}],
  ['metadata last', [...inRootfs, metadataFile()], {}],
  ['with ./', [metadataFile(), ...inRootfs], { prefix: './' }],
  ['gzip', [metadataFile(), ...inRootfs], { kind: 'gzip' }],
  ['zstd', [metadataFile(), ...inRootfs], { kind: 'zstd' }],
  ['xz', [metadataFile(), ...inRootfs], { kind: 'xz' }],
  ['with other files beside', [item({ path: 'config.json', type: 'file' }, '{}'), metadataFile(), ...inRootfs], {}],
])('a unified image is read: %s', async (_, items, options) => {
  const path = await archive('unified', items, options)
  expect(await lxdFormat.detect(await input(path))).toBe(true)
  const image = await open(path)
  expect(await image.metadata()).toMatchObject({
    architecture: 'x86_64',
    created: 1_700_000_000,
    properties: { os: 'debian' },
  })
  await expectTorture(image)
})

test('templates are found before the root and after it', async () => {
  for (const items of [
    [metadataFile(templated), ...templates, ...inRootfs],
    [metadataFile(templated), ...inRootfs, ...templates],
  ]) {
    const metadata = await (await open(await archive('unified', items))).metadata()
    expect(metadata.templates).toEqual([{ target: '/etc/hostname', when: ['create'], template: 'hostname.tpl' }])
    expect(metadata.templateFiles).toEqual(new Map([['hostname.tpl', Buffer.from('{{ container.name }}\n')]]))
  }
})

test('a template that is named but not there is an error', async () => {
  const image = await open(await archive('unified', [metadataFile(templated), ...inRootfs]))
  await expect(image.metadata()).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('templates/hostname.tpl'),
  })
})

test('a split image is read in either order: tar', async () => {
  const meta = await archive('meta', [...templates, metadataFile(templated)], { kind: 'xz' })
  for (const kind of ['none', 'gzip', 'zstd'] as const) {
    const root = await archive(`root-${kind}`, tortureTree, { kind, prefix: './' })
    for (const image of [await open(meta, root), await open(root, meta)]) {
      expect((await image.metadata()).templateFiles.size).toBe(1)
      await expectTorture(image)
    }
  }
})

test('a split image is read in either order: squashfs', async () => {
  const meta = await archive('meta', [metadataFile()])
  const root = join(folder, 'root.squashfs')
  execFileSync('sh', ['-c', 'mkdir src && echo hi > src/f'], { cwd: folder })
  execFileSync('mksquashfs', [join(folder, 'src'), root, '-quiet', '-no-progress'])
  for (const image of [await open(meta, root), await open(root, meta)]) {
    expect([...(await recordsOf(image.layers[0]!)).keys()]).toEqual(['', 'f'])
  }
})

test('metadata.yaml is read without reading the root', async () => {
  const rest = Buffer.alloc(1 << 20, 'not a tar')
  const path = await archive('unified', [metadataFile(), item({ path: 'rootfs', type: 'directory' })])
  const whole = Buffer.concat([execFileSync('cat', [path]).subarray(0, 1536), rest])
  writeFileSync(path, whole)
  expect(await (await open(path)).metadata()).toMatchObject({ architecture: 'x86_64' })
})

test.each<[string, readonly TreeItem[], string, RegExp, RegExp]>([
  ['no metadata.yaml', tortureTree, 'bad-input', /no metadata\.yaml/, /rootfs:FILE/],
  [
    'a wrong prefix',
    [metadataFile(), ...inRootfs]
      .map(({ header, content }) => ({ content, header: { ...header, path: `myimage/${header.path}` } }))
      .filter(({ header }) => header.type !== 'hardlink'),
    'bad-input',
    /no metadata\.yaml/,
    /It has myimage\/metadata\.yaml/,
  ],
  ['metadata only', [metadataFile()], 'bad-input', /no rootfs\//, /lxd:.*,ROOTFS/],
  [
    'metadata.yaml that is a link',
    [item({ path: 'metadata.yaml', type: 'symlink', linkTarget: '/etc/passwd' }), ...inRootfs],
    'bad-input',
    /not an ordinary file/,
    /.*/,
  ],
  [
    'metadata.yaml of more than 1 MiB',
    [metadataFile(`${yaml}#${' '.repeat(1 << 20)}`), ...inRootfs],
    'limit',
    /1048576/,
    /.*/,
  ],
  ['bad metadata', [metadataFile('architecture: x86_64\n'), ...inRootfs], 'bad-input', /creation_date/, /.*/],
])('refused: %s', async (_, items, code, message, hint) => {
  const path = await archive('image.tar', items)
  await expect(open(path)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
    ...(hint.source === '.*' ? {} : { hint: expect.stringMatching(hint) }),
  })
})

test('a hard link out of rootfs/ is refused', async () => {
  const link = item({ path: 'rootfs/evil', type: 'hardlink', linkTarget: 'metadata.yaml' })
  const image = await open(await archive('x.tar', [metadataFile(), ...inRootfs, link]))
  await expect(recordsOf(image.layers[0]!)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('outside rootfs/'),
  })
})

test('split images: no metadata in either', async () => {
  const [a, b] = [await archive('a', tortureTree), await archive('b', tortureTree)]
  await expect(open(a, b)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(/neither .*a nor .*b has a metadata.yaml/),
  })
})

/** The start of a qcow2 file, and something after it. */
function qcow2(
  fields: { readonly version?: number; readonly backingFile?: number; readonly features?: number } = {},
): Buffer {
  const disk = Buffer.alloc(4096)
  disk.write('QFI\xfb', 'latin1')
  disk.writeUInt32BE(fields.version ?? 3, 4)
  disk.writeUInt32BE(fields.backingFile ?? 0, 12)
  disk.writeUInt32BE(fields.features ?? 0, 76)
  return disk
}

async function virtualMachine(disk: Buffer, unified: boolean): Promise<SystemImage> {
  const inside = item({ path: 'rootfs.img', type: 'file' }, disk)
  if (unified) return await open(await archive('vm.tar', [metadataFile(), inside]))
  const path = join(folder, 'disk.qcow2')
  writeFileSync(path, disk)
  return await open(path, await archive('meta', [metadataFile()]))
}

test.each([true, false])('a virtual machine has metadata and no tree (unified: %s)', async (unified) => {
  const image = await virtualMachine(qcow2(), unified)
  expect(image.type).toBe('virtual-machine')
  expect(await image.metadata()).toMatchObject({ architecture: 'x86_64', properties: { os: 'debian' } })
  await expect(recordsOf(image.layers[0]!)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('virtual machine'),
  })
  expect((await virtualMachine(qcow2({ version: 2, features: 4 }), unified)).type).toBe('virtual-machine')
  for (const [disk, why] of [
    [qcow2({ backingFile: 512 }), /which it names/],
    [qcow2({ features: 4 }), /data in another file/],
    [qcow2({ version: 1 }), /version 2 or 3/],
    [qcow2().subarray(0, 71), /version 2 or 3/],
    [qcow2().subarray(0, 103), /version 2 or 3/],
  ] as const) {
    await expect(virtualMachine(disk, unified)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(why),
    })
  }
})

test('a rootfs.img that is no qcow2 is refused', async () => {
  await expect(virtualMachine(Buffer.from('a raw disk'), true)).rejects.toMatchObject({ code: 'bad-input' })
})

test('what is no LXD image is not detected as one', async () => {
  const no = async (path: string) => expect(await lxdFormat.detect(await input(path))).toBe(false)
  await no(await archive('rootfs', tortureTree))
  await no(
    await archive('nested', [
      item({ path: 'x', type: 'directory' }),
      item({ path: 'x/metadata.yaml', type: 'file' }, yaml),
    ]),
  )
  const noise = join(folder, 'noise')
  writeFileSync(noise, Buffer.alloc(5000, 'noise'))
  await no(noise)
  writeFileSync(noise, '')
  await no(noise)
})
