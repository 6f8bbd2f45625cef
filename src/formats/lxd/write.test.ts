import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordsOf } from '../../../test/support/records.ts'
import { item, tortureTree, treeImage, treeLayer } from '../../../test/support/trees.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import { flatten } from '../../layers/flatten.ts'
import { openImage, type PourOptions, pour } from '../pour.ts'
import type { Rendition } from '../types.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-lxd-write-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const metadata: Partial<ImageMetadata> = {
  created: 1_700_000_000,
  expires: 1_800_000_000,
  properties: { os: 'debian', release: 'bookworm', architecture: 'amd64', description: 'Debian', variant: 'default' },
  templates: [{ target: '/etc/hostname', when: ['create', 'copy'], template: 'hostname.tpl' }],
  templateFiles: new Map([['hostname.tpl', Buffer.from('{{ container.name }}\n')]]),
}

async function write(options: Partial<PourOptions> = {}, image = treeImage(tortureTree, metadata)) {
  const warnings: string[] = []
  const out = join(mkdtempSync(join(folder, 'out-')), 'image')
  const rendition = await pour([image], { to: 'lxd', out, warn: (message) => warnings.push(message), ...options })
  return { rendition, warnings, reference: `lxd:${rendition.files.map((file) => file.path).join(',')}` }
}

function fingerprint({ files }: Rendition): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file.path))
  return hash.digest('hex')
}

test.each(['unified', 'split-tar'] as const)('%s comes back the same, metadata and tree', async (variant) => {
  const { rendition, warnings, reference } = await write({ variant })
  expect(warnings).toEqual([])
  expect(rendition).toMatchObject({ format: 'lxd', variant, fingerprint: fingerprint(rendition) })
  const { image } = await openImage(reference)
  expect(await image.metadata()).toMatchObject({ architecture: 'x86_64', ...metadata })
  expect(await recordsOf(flatten(image.layers, 'back'))).toEqual(await recordsOf(treeLayer(tortureTree)))
})

test('the fingerprint of every form is that of its files, one after the other, and stays the same', async () => {
  for (const variant of ['unified', 'split-tar', 'split-squashfs'] as const) {
    const first = (await write({ variant })).rendition
    expect(first.fingerprint).toBe(fingerprint(first))
    expect((await write({ variant })).rendition.fingerprint).toBe(first.fingerprint)
  }
})

test('file names tell what is in them, and --compression is for all of them', async () => {
  const names = async (options: Partial<PourOptions>) =>
    (await write(options)).rendition.files.map(({ path }) => path.replace(/^.*\//, ''))
  expect(await names({ variant: 'split-squashfs' })).toEqual(['image.lxd.tar.gz', 'image.rootfs.squashfs'])
  expect(await names({ variant: 'split-tar' })).toEqual(['image.lxd.tar.gz', 'image.rootfs.tar.zst'])
  expect(await names({ variant: 'split-tar', compression: { kind: 'xz', level: 0 } })).toEqual([
    'image.lxd.tar.xz',
    'image.rootfs.tar.xz',
  ])
  expect(await names({ variant: 'split-tar', compression: { kind: 'none' } })).toEqual([
    'image.lxd.tar',
    'image.rootfs.tar',
  ])
})

test('an image that does not say when it was made gets the first date that LXD takes, and a warning', async () => {
  const source = treeImage(tortureTree, metadata)
  const { created: _, ...undated } = await source.metadata()
  const { reference, warnings } = await write({ variant: 'unified' }, { ...source, metadata: async () => undated })
  expect(warnings).toEqual([expect.stringContaining('creation_date is 1')])
  expect(await (await openImage(reference)).image.metadata()).toMatchObject({ created: 1 })
})

test('what an LXD image cannot hold, or cannot start, is said', async () => {
  const run = {
    entrypoint: ['/bin/sh', '-c'],
    cmd: ['true'],
    env: ['PATH=/bin', 'A=b'],
    user: '1000:1000',
    workdir: '/srv',
  }
  const noInit = tortureTree.filter(({ header }) => header.path !== 'usr/sbin/init')
  const { warnings } = await write({ variant: 'unified' }, treeImage(noInit, { ...metadata, run }))
  expect(warnings).toEqual([
    'LXD images have no run configuration; left out: command (/bin/sh -c true), environment (A), user (1000:1000), working directory (/srv)',
    'there is no /sbin/init: LXD cannot start a container of this image',
  ])
  const started = await write(
    { variant: 'unified' },
    treeImage(tortureTree, { ...metadata, run: { cmd: ['/sbin/init'], env: ['PATH=/bin'] } }),
  )
  expect(started.warnings).toEqual([])
})

test('os and release are looked for in the tree when the image does not say them', async () => {
  for (const variant of ['unified', 'split-tar', 'split-squashfs'] as const) {
    const { reference } = await write({ variant }, treeImage(tortureTree, { properties: { name: 'x' } }))
    expect((await (await openImage(reference)).image.metadata()).properties).toEqual({
      architecture: 'amd64',
      description: 'Debian GNU/Linux 12 (bookworm)',
      name: 'x',
      os: 'debian',
      release: 'bookworm',
      variant: 'default',
      version: '12',
    })
  }
})

test('several images, and a template without its file, are refused', async () => {
  const image = treeImage(tortureTree, metadata)
  const options = { to: 'lxd', out: join(folder, 'x'), warn: () => undefined }
  await expect(pour([image, image], options)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('one image, not 2'),
  })
  const broken = treeImage(tortureTree, { ...metadata, templateFiles: new Map() })
  await expect(pour([broken], options)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('hostname.tpl'),
  })
})

test('a root without an entry of its own gets one', async () => {
  const { reference } = await write(
    { variant: 'unified' },
    treeImage([item({ path: 'etc', type: 'directory' })], metadata),
  )
  expect([...(await recordsOf((await openImage(reference)).image.layers[0]!)).keys()]).toContain('etc')
})
