import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordsOf } from '../../../test/support/records.ts'
import { item, type TreeItem, tortureTree, treeLayer } from '../../../test/support/trees.ts'
import { entriesLayer } from '../../layers/entries-layer.ts'
import { createTally } from '../tally.ts'
import { unpackTree } from './unpack.ts'
import { walkTree } from './walk.ts'

const root = process.getuid?.() === 0
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-unpack-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function unpack(items: readonly TreeItem[]): Promise<string[]> {
  const warnings: string[] = []
  const tally = createTally((message) => warnings.push(message))
  await unpackTree(treeLayer(items).entries(), folder, tally)
  tally.report()
  return warnings
}

test('a tree with one of everything comes back the same', async (context) => {
  if (!root) context.skip('owners and devices need root')
  const items = [
    ...tortureTree,
    item({ path: 'zero', type: 'directory', mode: 0, uid: 3_000_000_000, gid: 4_294_967_294, mtime: 5n }),
    item({ path: 'zero/inside', type: 'file', mode: 0, mtime: 1n }, 'hidden'),
    item({ path: 'zzz', type: 'block', mode: 0o660, gid: 6, devMajor: 259, devMinor: 1_048_575 }),
  ]
  expect(await unpack(items)).toEqual([])
  const back = entriesLayer('back', () =>
    walkTree(
      folder,
      createTally(() => {}),
    ),
  )
  expect(await recordsOf(back)).toEqual(await recordsOf(treeLayer(items)))
})

test('the system agrees: capabilities, ACLs, setuid, times of directories', async (context) => {
  if (!root) context.skip('owners and capabilities need root')
  const acl = Buffer.from(
    '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
    'hex',
  )
  await unpack([
    item({ path: 'd', type: 'directory', mode: 0o2755, gid: 50, mtime: 1_600_000_000_123_456_789n }),
    item(
      { path: 'd/f', type: 'file', mode: 0o674, mtime: 7n, xattrs: new Map([['system.posix_acl_access', acl]]) },
      'x',
    ),
    ...tortureTree.filter(({ header }) => /^usr$|^usr\/bin/.test(header.path)),
  ])
  expect(statSync(join(folder, 'd'), { bigint: true }).mtimeNs).toBe(1_600_000_000_123_456_789n)
  expect(statSync(join(folder, 'd')).mode & 0o7777).toBe(0o2755)
  expect(statSync(join(folder, 'usr/bin/su')).mode & 0o7777).toBe(0o4755)
  expect(statSync(join(folder, 'usr/bin/sh')).nlink).toBe(2)
  expect(execFileSync('getfacl', ['-n', '--absolute-names', join(folder, 'd/f')], { encoding: 'utf8' })).toContain(
    'user:1000:rwx',
  )
  expect(execFileSync('getcap', [join(folder, 'usr/bin/ping')], { encoding: 'utf8' })).toContain('cap_net_raw')
})

test('holes stay holes, and whole blocks of zeros become holes', async (context) => {
  if (!root) context.skip('needs root')
  const zeros = Buffer.concat([Buffer.from('start'), Buffer.alloc((4 << 20) - 5), Buffer.from('end')])
  await unpack([
    item({ path: 'hole', type: 'file', size: 10 << 20, sparse: [] }),
    item(
      {
        path: 'runs',
        type: 'file',
        size: (8 << 20) + 7,
        sparse: [
          { offset: 1 << 20, length: 4 },
          { offset: 8 << 20, length: 7 },
        ],
      },
      'datatheend!',
    ),
    item({ path: 'zeros', type: 'file' }, zeros),
  ])
  const allocated = (name: string) => lstatSync(join(folder, name)).blocks * 512
  expect(statSync(join(folder, 'hole')).size).toBe(10 << 20)
  expect(allocated('hole')).toBe(0)
  expect(allocated('runs')).toBeLessThanOrEqual(3 * 4096)
  expect(allocated('zeros')).toBeLessThanOrEqual(3 * 4096)
  expect(readFileSync(join(folder, 'zeros')).equals(zeros)).toBe(true)
  const runs = readFileSync(join(folder, 'runs'))
  expect(runs.subarray(1 << 20, (1 << 20) + 5).toString()).toBe('data\0')
  expect(runs.subarray(8 << 20).toString()).toBe('theend!')
})

test('nothing is written through a symlink or outside', async (context) => {
  if (!root) context.skip('needs root')
  const outside = mkdtempSync(join(tmpdir(), 'ingot-outside-'))
  try {
    const link = item({ path: 'link', type: 'symlink', linkTarget: outside })
    for (const bad of [
      [link, item({ path: 'link/file', type: 'file' }, 'x')],
      [link, item({ path: 'link', type: 'file' }, 'x')],
      [link, item({ path: 'link', type: 'directory' })],
      [link, item({ path: 'hard', type: 'hardlink', linkTarget: 'link/file' })],
      [item({ path: 'missing/file', type: 'file' }, 'x')],
      [item({ path: 'twice', type: 'file' }, 'x'), item({ path: 'twice', type: 'file' }, 'y')],
    ]) {
      await expect(unpack(bad)).rejects.toMatchObject({ code: 'bad-input' })
      rmSync(folder, { recursive: true })
      folder = mkdtempSync(join(tmpdir(), 'ingot-unpack-'))
    }
    expect(execFileSync('ls', ['-A', outside], { encoding: 'utf8' })).toBe('')
  } finally {
    rmSync(outside, { recursive: true })
  }
})

test('xattrs that belong to the host are left out with a warning', async (context) => {
  if (!root) context.skip('needs root')
  const xattrs = new Map([['security.selinux', Buffer.from('system_u:object_r:etc_t:s0\0')]])
  const warnings = await unpack([item({ path: 'a', type: 'file', xattrs }), item({ path: 'b', type: 'file', xattrs })])
  expect(warnings).toEqual([
    'the extended attribute security.selinux belongs to a host; left out: 2 entries, the first is /a',
  ])
  expect(existsSync(join(folder, 'b'))).toBe(true)
})

test('nobody else can enter the tree before it is complete', async (context) => {
  if (!root) context.skip('needs root')
  let seen = -1
  async function* watched() {
    yield* treeLayer([item({ path: '', type: 'directory', mode: 0o755 })]).entries()
    seen = statSync(folder).mode & 0o777
    yield* treeLayer([item({ path: 'link', type: 'symlink', linkTarget: 'a\xff' })]).entries()
  }
  await unpackTree(
    watched(),
    folder,
    createTally(() => {}),
  )
  expect(seen).toBe(0o700)
  expect(statSync(folder).mode & 0o777).toBe(0o755)
  expect(readlinkSync(join(folder, 'link'), { encoding: 'latin1' })).toBe('a\xff')
})
