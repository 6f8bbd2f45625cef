import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openImage, pour } from '../../src/formats/pour.ts'
import { flatten } from '../../src/layers/flatten.ts'
import { recordsOf, type TreeRecord } from '../support/records.ts'
import { item, tortureTree, treeImage, treeLayer } from '../support/trees.ts'
import { type Lxd, startLxd } from './support/lxd.ts'
import { peers } from './support/peer.ts'

// A private LXD daemon imports what Ingot writes, and Ingot reads what LXD publishes and exports.

const guard = peers('root', 'lxd', 'lxc', 'tar2sqfs', 'sqfs2tar')
let lxd: Lxd
beforeAll(async () => {
  if (!guard.missing) lxd = await startLxd()
})
afterAll(async () => {
  await lxd?.stop()
})
beforeEach((context) => guard.check(context))

const lxc = (...args: readonly string[]) => lxd.lxc(args)
const fresh = (prefix: string) => mkdtempSync(join(lxd.folder, prefix))

const acl = Buffer.from(
  '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
  'hex',
)
// GNU tar finds runs of data on whole blocks only, as file systems have them.
const runs = [
  { offset: 65536, length: 4096 },
  { offset: 524288, length: 512 },
]
const sparse = item({ path: 'var/sparse', type: 'file', size: 1 << 20, sparse: runs }, Buffer.alloc(4608, 'data'))
const tree = [
  ...tortureTree.filter(({ header }) => header.mtime >= 0n && header.path !== 'var/sparse'),
  sparse,
  item({ path: 'etc/acl', type: 'file', mode: 0o674, xattrs: new Map([['system.posix_acl_access', acl]]) }, 'x'),
]
const metadata = {
  properties: {
    os: 'debian',
    release: 'bookworm',
    description: 'of: "the" test',
    variant: 'default',
    architecture: 'amd64',
    yes: 'no',
  },
  templates: [{ target: '/etc/hostname', when: ['create', 'copy'], template: 'hostname.tpl', properties: { a: 'b' } }],
  templateFiles: new Map([['hostname.tpl', Buffer.from('{{ container.name }}\n')]]),
}

async function write(variant: string, compression?: { kind: 'gzip' | 'zstd' | 'xz' | 'none' }) {
  const out = join(fresh('out-'), 'image')
  return await pour([treeImage(tree, metadata)], { to: 'lxd', variant, compression, out, warn: () => undefined })
}

test.for([
  ['unified', undefined],
  ['unified', 'none'],
  ['unified', 'gzip'],
  ['unified', 'xz'],
  ['split-tar', undefined],
  ['split-tar', 'xz'],
  ['split-squashfs', undefined],
  ['split-squashfs', 'gzip'],
] as const)(
  'lxc image import takes %s, compressed %s, and sees the same fingerprint and properties',
  async ([variant, kind]) => {
    const { files, fingerprint } = await write(variant, kind && { kind })
    await lxc('image', 'import', ...files.map((file) => file.path))
    const info = await lxc('image', 'info', fingerprint!)
    expect(info).toContain(`Fingerprint: ${fingerprint}`)
    expect(info).toContain('Architecture: x86_64')
    expect(info).toContain('Created: 2023/11/14 22:13 UTC')
    for (const [key, value] of Object.entries(metadata.properties)) {
      expect(await lxc('image', 'get-property', fingerprint!, key)).toBe(value)
    }
    await lxc('image', 'delete', fingerprint!)
  },
)

test('what LXD unpacked, published and exported reads back the same', async () => {
  const { files } = await write('unified')
  await lxc('image', 'import', ...files.map((file) => file.path), '--alias', 'there')
  await lxc('init', 'there', 'box')
  await lxc('publish', 'box', '--alias', 'back', '--compression', 'gzip')
  await lxc('image', 'export', 'back', join(lxd.folder, 'exported'))
  const reference = join(lxd.folder, 'exported.tar.gz')
  expect(createHash('sha256').update(readFileSync(reference)).digest('hex')).toMatch(
    await lxc('image', 'list', 'back', '-f', 'csv', '-c', 'F'),
  )

  const { format, image } = await openImage(reference)
  expect(format.name).toBe('lxd')
  const read = await image.metadata()
  expect(read.templates).toEqual(metadata.templates.map((entry) => ({ ...entry })))
  expect(read.templateFiles).toEqual(metadata.templateFiles)
  // LXD's packing rounds to seconds, and making an instance touches /etc.
  const second = 1_000_000_000n
  const rounded = ([path, record]: [string, TreeRecord]): [string, TreeRecord] => [
    path,
    { ...record, mtime: path === 'etc' ? 0n : (record.mtime + second / 2n) / second },
  ]
  const expected = [...(await recordsOf(treeLayer(tree)))].map(rounded)
  const back = [...(await recordsOf(flatten(image.layers, 'back')))].map(rounded)
  expect(Object.fromEntries(back)).toEqual(Object.fromEntries(expected))
  await lxc('delete', 'box')
})

test('an image that lxc exported in two files is read', async () => {
  const { files, fingerprint } = await write('split-squashfs')
  await lxc('image', 'import', ...files.map((file) => file.path))
  const exported = fresh('exported-')
  await lxc('image', 'export', fingerprint!, exported)
  const names = readdirSync(exported)
    .sort()
    .map((name) => join(exported, name))
  expect(names).toHaveLength(2)
  for (const reference of [`lxd:${names.join(',')}`, `lxd:${[...names].reverse().join(',')}`]) {
    const { image } = await openImage(reference)
    expect((await image.metadata()).properties).toMatchObject(metadata.properties)
    expect((await recordsOf(flatten(image.layers, 'back'))).size).toBe(tree.length)
  }
})
