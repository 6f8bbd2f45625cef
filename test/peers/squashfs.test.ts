import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { openImage, pour } from '../../src/formats/pour.ts'
import { flatten } from '../../src/layers/flatten.ts'
import { recordsOf } from '../support/records.ts'
import { item, type TreeItem, tortureTree, treeImage, treeLayer } from '../support/trees.ts'
import { peers } from './support/peer.ts'

// The squashfs of a split LXD image, by the eyes of squashfs-tools and of the kernel.

const need = (context: TestContext, ...names: readonly string[]) => peers(...names).check(context)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-squashfs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Kind = 'gzip' | 'zstd' | 'xz' | 'none'
let counter = 0

async function squashfs(items: readonly TreeItem[], compression?: { kind: Kind; level?: number }) {
  const warnings: string[] = []
  const out = join(folder, `image-${counter++}`)
  const warn = (message: string) => warnings.push(message)
  const rendition = await pour([treeImage(items)], { to: 'lxd', out, compression, warn })
  return { meta: rendition.files[0]!.path, path: rendition.files[1]!.path, warnings, rendition }
}

const big = Buffer.alloc(3 << 20)
for (let i = 0; i < big.length; i += 4) big.writeUInt32LE((i * 2654435761) >>> 0, i)
const tree = [
  ...tortureTree.filter(({ header }) => header.mtime >= 0n),
  item(
    { path: 'var/big', type: 'file', uid: 3_000_000_000, gid: 4_294_967_294, mtime: 1_500_000_000n * 1_000_000_000n },
    big,
  ),
  item({ path: 'var/blk', type: 'block', mode: 0o660, gid: 6, devMajor: 259, devMinor: 1_048_575 }),
  item({ path: 'var/sym-hard', type: 'hardlink', linkTarget: 'bin' }),
]

test('unsquashfs lists what was put in', async (context) => {
  need(context, 'tar2sqfs', 'unsquashfs')
  const { path, warnings } = await squashfs(tree)
  expect(warnings).toEqual([])
  const lines = execFileSync('unsquashfs', ['-lln', path], { encoding: 'latin1' }).split('\n')
  const line = (name: string) => lines.find((l) => l.includes(`squashfs-root/${name}`))?.replaceAll(/ +/g, ' ')
  expect(line('etc/shadow')).toMatch(/^-rw-r----- 0\/42 26 /)
  expect(line('usr/bin/su')).toMatch(/^-rwsr-xr-x 0\/0 2 /)
  expect(line('tmp')).toMatch(/^drwxrwxrwt 0\/0 /)
  expect(line('dev/null')).toMatch(/^crw-rw-rw- 0\/0 1, 3 /)
  expect(line('var/big')).toMatch(/^-rw-r--r-- 3000000000\/4294967294 3145728 2017-07-14 02:40 /)
  expect(line('etc/caf\xe9')).toBeDefined()
  expect(line('bin')).toMatch(/ -> usr\/bin$/)
  expect(line('run/fifo')).toMatch(/^prw------- /)
})

test('the kernel sees the same tree', async (context) => {
  need(context, 'root', 'tar2sqfs', 'mount')
  const { path } = await squashfs(tree)
  const mounted = join(folder, 'mounted')
  mkdirSync(mounted)
  execFileSync('mount', ['-o', 'loop,ro', path, mounted])
  try {
    const { image } = await openImage(`dir:${mounted}`, { architecture: 'x86_64' })
    const seen = await recordsOf(flatten(image.layers, 'mounted'))
    const whole = (records: typeof seen) =>
      new Map([...records].map(([name, r]) => [name, { ...r, mtime: r.mtime - (r.mtime % 1_000_000_000n) }]))
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(whole(await recordsOf(treeLayer(tree)))))
    const sparse = execFileSync('stat', ['-c', '%s', join(mounted, 'var/sparse')], { encoding: 'utf8' })
    expect(Number(sparse)).toBe(1 << 20)
  } finally {
    execFileSync('umount', [mounted])
  }
})

test('the same tree gives the same bytes, on one processor and on two', async (context) => {
  need(context, 'tar2sqfs', 'taskset')
  const digest = async () =>
    createHash('sha256')
      .update(readFileSync((await squashfs(tree)).path))
      .digest('hex')
  const before = execFileSync('taskset', ['-p', String(process.pid)], { encoding: 'utf8' })
    .trim()
    .split(' ')
    .at(-1)!
  const first = await digest()
  expect(await digest()).toBe(first)
  execFileSync('taskset', ['-p', '1', String(process.pid)])
  try {
    expect(await digest()).toBe(first)
  } finally {
    execFileSync('taskset', ['-p', before, String(process.pid)])
  }
  process.env.SOURCE_DATE_EPOCH = '99'
  try {
    expect(await digest()).toBe(first)
  } finally {
    delete process.env.SOURCE_DATE_EPOCH
  }
})

test.for([
  ['gzip', 1, 1],
  ['zstd', 9, 6],
  ['xz', 6, 4],
] as const)('--compression is for the squashfs and the metadata: %s', async ([kind, level, id], context) => {
  need(context, 'tar2sqfs', 'sqfs2tar')
  const { meta, path, rendition } = await squashfs(tree, { kind, level })
  expect(readFileSync(path).readUInt16LE(20)).toBe(id)
  expect(meta).toMatch({ gzip: /\.lxd\.tar\.gz$/, zstd: /\.lxd\.tar\.zst$/, xz: /\.lxd\.tar\.xz$/ }[kind])
  const hash = createHash('sha256').update(readFileSync(meta)).update(readFileSync(path)).digest('hex')
  expect(rendition.fingerprint).toBe(hash)
  const { image } = await openImage(`lxd:${path},${meta}`)
  expect((await recordsOf(flatten(image.layers, 'back'))).size).toBe(tree.length)
})

test('a squashfs without compression is refused before anything is written', async () => {
  await expect(squashfs(tree, { kind: 'none' })).rejects.toMatchObject({
    code: 'unsupported',
    hint: expect.stringContaining('split-tar'),
  })
})

test('what a squashfs cannot hold is said once for each kind', async (context) => {
  need(context, 'tar2sqfs')
  const acl = Buffer.from(
    '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
    'hex',
  )
  const { warnings } = await squashfs([
    ...tortureTree,
    item({
      path: 'x',
      type: 'file',
      mtime: 5_000_000_000n * 1_000_000_000n,
      xattrs: new Map([['system.posix_acl_access', acl]]),
    }),
    item({ path: 'y', type: 'file', xattrs: new Map([['system.posix_acl_access', acl]]) }),
  ])
  expect(warnings).toEqual([
    'squashfs holds times from 1970 to 2106 only; others were moved to the nearest: 2 entries, the first is /home/u/old',
    'squashfs cannot hold POSIX ACLs; they were left out: 2 entries, the first is /x',
  ])
})

test('a squashfs that mksquashfs made is read, alone too, and one that was cut short is refused', async (context) => {
  need(context, 'mksquashfs', 'sqfs2tar')
  const source = mkdtempSync(join(folder, 'source-'))
  execFileSync('sh', ['-c', 'mkdir -p d && echo hi > d/f && ln d/f d/h && ln -s f d/s && touch -d @1600000000 d/f'], {
    cwd: source,
  })
  const path = join(folder, 'made.squashfs')
  execFileSync('mksquashfs', [source, path, '-quiet', '-no-progress', '-comp', 'gzip'])
  const { image, format } = await openImage(path, { architecture: 'x86_64' })
  expect(format.name).toBe('rootfs')
  const records = await recordsOf(flatten(image.layers, path))
  expect(records.get('d/h')).toMatchObject({ names: ['d/f', 'd/h'], mtime: 1_600_000_000_000_000_000n })
  expect(records.get('d/s')).toMatchObject({ type: 'symlink', link: 'f' })
  truncateSync(path, 200)
  await expect(openImage(path)).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('cut short'),
  })
})
