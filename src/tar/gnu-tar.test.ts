import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listXattrs, makeNode, setTimes, setXattr } from '../host/native.ts'
import { bodyOf, type Entry, makeHeader } from '../image/entry.ts'
import { collect } from '../image/stream.ts'
import { readTar } from './read.ts'
import { chunked, listEntries, type ReadEntry } from './test-archive.ts'
import { writeTar } from './write.ts'

/** Both directions with the real GNU tar, on a real file system. Device nodes and capabilities need root. */
const isRoot = process.getuid?.() === 0
const hasTar = spawnSync('tar', ['--version']).stdout?.includes('GNU tar') === true
const real = test.skipIf(!isRoot || !hasTar)

const everything = ['--numeric-owner', '--acls', '--xattrs', '--xattrs-include=*']
/** How Proxmox VE unpacks a template (PVE::LXC::Create). */
const proxmox = [
  '-p',
  '--sparse',
  '--numeric-owner',
  '--acls',
  '--xattrs',
  '--xattrs-include=user.*',
  '--xattrs-include=security.capability',
]
/** How LXD unpacks an image (shared/archive). */
const lxd = ['--restrict', '--force-local', '--numeric-owner', '--xattrs-include=*']

const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
const accessAcl = Buffer.from(
  '0200000001000600ffffffff0200060039300000020005000080b2e604000400ffffffff10000700ffffffff20000400ffffffff',
  'hex',
)
const defaultAcl = Buffer.from(
  '0200000001000700ffffffff04000500ffffffff0800050063ea000010000500ffffffff20000000ffffffff',
  'hex',
)
const oddName = 'caf\xe9 \xff\n'
const oddPath = (folder: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(oddName, 'latin1')])
const longName = `${'d'.repeat(120)}/${'ü'.repeat(120)}`

let base: string
let tree: string

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'ingot-gnu-tar-'))
  tree = join(base, 'tree')
  if (isRoot && hasTar) makeTree(tree)
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

function makeTree(root: string): void {
  const at = (name: string) => join(root, name)
  mkdirSync(root, { mode: 0o755 })
  mkdirSync(at('dir'), { mode: 0o700 })
  setXattr(Buffer.from(at('dir')), 'system.posix_acl_default', defaultAcl)
  writeFileSync(at('tool'), 'tool')
  execFileSync('chown', ['70000:3000000000', at('tool')])
  chmodSync(at('tool'), 0o4755)
  setXattr(Buffer.from(at('tool')), 'security.capability', capability)
  writeFileSync(at('acl'), 'acl', { mode: 0o664 })
  setXattr(Buffer.from(at('acl')), 'system.posix_acl_access', accessAcl)
  setXattr(Buffer.from(at('acl')), 'user.binary', Buffer.from('\0=\n\xff', 'latin1'))
  setXattr(Buffer.from(at('acl')), 'user.empty', Buffer.alloc(0))
  setXattr(Buffer.from(at('acl')), 'user.a=%3D', Buffer.from('odd name'))
  setXattr(Buffer.from(at('acl')), 'trusted.t', Buffer.from('t'))
  linkSync(at('acl'), at('hard'))
  symlinkSync('../../no where', at('soft'))
  execFileSync('chown', ['-h', '123:456', at('soft')])
  makeNode(Buffer.from(at('null')), 'char', 0o666, 1, 3)
  makeNode(Buffer.from(at('disk')), 'block', 0o660, 259, 70000)
  makeNode(Buffer.from(at('pipe')), 'fifo', 0o600, 0, 0)
  writeFileSync(oddPath(root), 'odd')
  mkdirSync(at('d'.repeat(120)))
  writeFileSync(at(longName), 'long')
  writeSparse(at('sparse'), 300)
  writeFileSync(at('hole'), '')
  truncateSync(at('hole'), 1_000_000)
  setTimes(Buffer.from(at('tool')), 1700000000123456789n)
  setTimes(Buffer.from(at('null')), -1_500_000_000n)
  setTimes(Buffer.from(at('soft')), -1n)
  setTimes(Buffer.from(at('pipe')), 10_000_000_000_000_000_000n)
}

/** Every second 4 KiB block has data. */
function writeSparse(path: string, blocks: number): void {
  const fd = openSync(path, 'w')
  for (let i = 0; i < blocks; i++) writeSync(fd, Buffer.alloc(4096, i + 1), 0, 4096, 8192 * i + 4096)
  closeSync(fd)
  truncateSync(path, 8192 * (blocks + 10))
}

/** What lies under a folder, by lstat and the content, in a form to compare. */
function survey(root: string): Map<string, object> {
  const found = new Map<string, object>()
  const inodes = new Map<bigint, string>()
  const visit = (path: Buffer, name: string) => {
    const stat = lstatSync(path, { bigint: true })
    const first = inodes.get(stat.ino)
    inodes.set(stat.ino, first ?? name)
    found.set(name, {
      mode: stat.mode.toString(8),
      owner: `${stat.uid}:${stat.gid}`,
      mtime: stat.isDirectory() ? 0n : stat.mtimeNs,
      size: stat.isDirectory() ? 0n : stat.size,
      device: stat.rdev,
      linkOf: first,
      xattrs: [...listXattrs(path)].map(([key, raw]) => `${key}=${raw.toString('hex')}`).sort(),
      content: stat.isFile() ? readFileSync(path).toString('latin1') : stat.isSymbolicLink() ? readlinkSync(path) : '',
    })
    if (!stat.isDirectory()) return
    const names = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare)
    for (const child of names) {
      visit(Buffer.concat([path, Buffer.from('/'), child]), `${name}/${child.toString('latin1')}`)
    }
  }
  visit(Buffer.from(root), '')
  return found
}

function pack(...options: string[]): Buffer {
  return execFileSync('tar', ['-cf', '-', '--sort=name', ...options, '-C', tree, '.'], { maxBuffer: 2 ** 30 })
}

function unpack(archive: Buffer, options: string[]): string {
  const target = mkdtempSync(join(base, 'out-'))
  const result = spawnSync('tar', ['-xf', '-', ...options, '-C', target], { input: archive, encoding: 'utf8' })
  const complaints = result.stderr.split('\n').filter((line) => line !== '' && !line.includes('time stamp'))
  expect({ status: result.status, complaints }).toEqual({ status: 0, complaints: [] })
  return target
}

async function rewrite(archive: Buffer, options: Parameters<typeof writeTar>[1] = {}): Promise<Buffer> {
  return await collect(writeTar(readTar(chunked(archive, 70_001), { name: 'gnu.tar' }), options))
}

async function read(archive: Buffer): Promise<Map<string, ReadEntry>> {
  const entries = await listEntries(readTar(chunked(archive, 70_001), { name: 'gnu.tar' }))
  return new Map(entries.map((entry) => [entry.path, entry]))
}

const forms: [string, string[]][] = [
  ['posix', ['--format=posix', '--xattrs', '--xattrs-include=*', '--acls']],
  ['posix --sparse', ['--format=posix', '--sparse', '--xattrs', '--xattrs-include=*', '--acls']],
  ['posix --sparse 0.0', ['--format=posix', '--sparse', '--sparse-version=0.0', '--xattrs', '--xattrs-include=*']],
  ['posix --sparse 0.1', ['--format=posix', '--sparse', '--sparse-version=0.1', '--xattrs', '--xattrs-include=*']],
]

for (const [form, options] of forms) {
  real(`${form}: GNU tar's archive, read, written and unpacked by GNU tar, is the same tree`, async () => {
    const again = unpack(await rewrite(pack('--numeric-owner', ...options)), ['-p', ...everything])
    expect(survey(again)).toEqual(survey(tree))
  })
}

real('gnu: the old form with its sparse map and base-256 numbers; whole seconds, no attributes', async () => {
  const archive = pack('--format=gnu', '--sparse', '--numeric-owner')
  const entries = await read(archive)
  expect(entries.get('tool')).toMatchObject({ uid: 70000, gid: 3000000000, mtime: 1700000000_000000000n, mode: 0o4755 })
  expect(entries.get('null')).toMatchObject({ type: 'char', mtime: -2_000_000_000n, devMajor: 1, devMinor: 3 })
  expect(entries.get('soft')).toMatchObject({ linkTarget: '../../no where', uid: 123, gid: 456 })
  expect(entries.get(oddName)?.content).toBe('odd')
  expect(entries.get(Buffer.from(longName).toString('latin1'))?.content).toBe('long')
  expect(entries.get('sparse')?.sparse).toHaveLength(300)
  expect(entries.get('hole')).toMatchObject({ size: 1_000_000, sparse: [], content: '' })
  const again = survey(unpack(await rewrite(archive), ['-p', ...everything]))
  const direct = survey(unpack(archive, ['-p', ...everything]))
  expect(again).toEqual(direct)
})

real('all sparse forms give the same runs', async () => {
  const maps: unknown[] = []
  for (const form of [['--format=gnu'], ...['0.0', '0.1', '1.0'].map((version) => [`--sparse-version=${version}`])]) {
    const format = form[0] === '--format=gnu' ? [] : ['--format=posix']
    maps.push((await read(pack('--sparse', ...format, ...form))).get('sparse')?.sparse)
  }
  expect(maps[0]).toHaveLength(300)
  for (const map of maps) expect(map).toEqual(maps[0])
})

real('v7 and ustar archives', async () => {
  for (const format of ['v7', 'ustar']) {
    const archive = execFileSync('tar', [
      '-cf',
      '-',
      `--format=${format}`,
      '--numeric-owner',
      '-C',
      tree,
      'dir',
      'acl',
      'hard',
    ])
    const entries = await read(archive)
    expect([...entries.values()].map(({ type }) => type)).toEqual(['directory', 'file', 'hardlink'])
    expect(entries.get('acl')?.content).toBe('acl')
  }
})

real('sparse files stay sparse on disk, and are whole when their holes are written as zeros', async () => {
  const archive = pack('--format=posix', '--sparse')
  const allocated = (root: string, name: string) => lstatSync(join(root, name)).blocks
  const kept = unpack(await rewrite(archive), ['--sparse'])
  expect(allocated(kept, 'sparse')).toBe(allocated(tree, 'sparse'))
  expect(allocated(kept, 'hole')).toBe(0)
  const expanded = unpack(await rewrite(archive, { sparse: 'expand' }), [])
  expect(allocated(expanded, 'sparse')).toBeGreaterThan(allocated(tree, 'sparse'))
  for (const root of [kept, expanded]) {
    expect(readFileSync(join(root, 'sparse')).equals(readFileSync(join(tree, 'sparse')))).toBe(true)
  }
})

real('access control lists and capabilities arrive with the options of Proxmox VE, of LXD, and with all', async () => {
  const archive = await rewrite(pack('--numeric-owner', ...everything), { prefix: './' })
  for (const options of [proxmox, lxd, everything]) {
    const root = unpack(archive, ['-p', ...options])
    const xattrs = (name: string) => listXattrs(Buffer.from(join(root, name)))
    expect(xattrs('acl').get('system.posix_acl_access')).toEqual(accessAcl)
    expect(xattrs('dir').get('system.posix_acl_default')).toEqual(defaultAcl)
    expect(xattrs('tool').get('security.capability')).toEqual(capability)
    expect(xattrs('acl').get('user.binary')).toEqual(Buffer.from('\0=\n\xff', 'latin1'))
  }
})

real('access control lists that GNU tar wrote as text alone', async () => {
  const archive = pack('--format=posix', '--acls')
  const entries = await read(archive)
  expect(entries.get('acl')?.xattrs).toEqual(new Map([['system.posix_acl_access', accessAcl]]))
  const names = execFileSync('sh', [
    '-c',
    `setfacl -m u:daemon:rw "$1/n" && tar -cf - --acls -C "$1" n`,
    'sh',
    nameFolder(),
  ])
  await expect(read(names)).rejects.toThrow('the user "daemon" is given by name, not by number')
})

function nameFolder(): string {
  const folder = mkdtempSync(join(base, 'names-'))
  writeFileSync(join(folder, 'n'), '')
  return folder
}

real('GNU tar lists what no test file system can hold', async () => {
  const entries: Entry[] = [
    {
      ...makeHeader({ path: 'far-future', type: 'fifo', mtime: 2n ** 45n * 10n ** 9n }),
      body: bodyOf(Buffer.alloc(0)),
    },
    {
      ...makeHeader({ path: 'last-id', type: 'fifo', uid: 4294967294, gid: 4294967294 }),
      body: bodyOf(Buffer.alloc(0)),
    },
    {
      ...makeHeader({ path: 'x'.repeat(5000), type: 'symlink', linkTarget: 'y'.repeat(5000) }),
      body: bodyOf(Buffer.alloc(0)),
    },
  ]
  async function* source() {
    yield* entries
  }
  const archive = await collect(writeTar(source()))
  const listing = execFileSync('tar', ['-tvf', '-', '--numeric-owner', '--utc'], { input: archive, encoding: 'utf8' })
  expect(listing).toMatch(/1116918-\d\d-\d\d .* far-future/)
  expect(listing).toContain('4294967294/4294967294')
  expect(listing).toContain(`${'x'.repeat(5000)} -> ${'y'.repeat(5000)}`)
})
