import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openImage, pour } from '../../src/formats/pour.ts'
import { listXattrs } from '../../src/host/native.ts'
import { item, tortureTree, treeImage } from '../support/trees.ts'
import { peers } from './support/peer.ts'

// Proxmox VE creates an unprivileged container by GNU tar inside a user namespace; here with exactly its flags.

const tarFlags = [
  ...['--totals', '--one-file-system', '-p', '--sparse', '--numeric-owner', '--acls', '--xattrs'],
  ...['--xattrs-include=user.*', '--xattrs-include=security.capability'],
  ...['--warning=no-file-ignored', '--warning=no-xattr-write'],
]
const excludes = ['--skip-old-files', '--anchored', '--exclude', './dev/*']
const namespace = ['-m', 'u:0:100000:65536', '-m', 'g:0:100000:65536', '--']
const decompressors: Readonly<Record<string, string[]>> = { zstd: ['--zstd'], gzip: ['-z'], xz: ['-J'], none: [] }

const guard = peers('root', 'lxc-usernsexec', 'getfacl', 'getcap', 'zstd', 'xz')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-pve-'))
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const acl = Buffer.from(
  '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
  'hex',
)
const overlayWhiteout = item({ path: 'var/lib/docker/overlay2/x/gone', type: 'char', devMajor: 0, devMinor: 0 })
// GNU tar finds runs of data on whole blocks only, as file systems have them.
const runs = [
  { offset: 65536, length: 4096 },
  { offset: 524288, length: 512 },
]
const sparse = item({ path: 'var/sparse', type: 'file', size: 1 << 20, sparse: runs }, Buffer.alloc(4608, 'data'))
const tree = [
  ...tortureTree.filter(({ header }) => header.mtime >= 0n && header.path !== 'var/sparse'), // GNU tar finds others implausible, and says so
  item({ path: 'dev/pts', type: 'directory' }),
  item({ path: 'dev/stdin', type: 'symlink', linkTarget: '/proc/self/fd/0' }),
  sparse,
  item({ path: 'etc/acl', type: 'file', uid: 1000, xattrs: new Map([['system.posix_acl_access', acl]]) }, 'x'),
  item({ path: 'etc/selinux', type: 'file', xattrs: new Map([['security.selinux', Buffer.from('label')]]) }, 'x'),
  item({ path: 'etc/last', type: 'file', uid: 65535, gid: 65535 }, 'the last id'),
  item({ path: 'var/lib', type: 'directory' }),
  item({ path: 'var/lib/docker', type: 'directory' }),
  item({ path: 'var/lib/docker/overlay2', type: 'directory' }),
  item({ path: 'var/lib/docker/overlay2/x', type: 'directory' }),
  overlayWhiteout,
]

async function template(compression: 'zstd' | 'gzip' | 'xz' | 'none'): Promise<{ path: string; warnings: string[] }> {
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const out = `${mkdtempSync(join(folder, 'out-'))}/`
  const rendition = await pour([treeImage(tree)], { to: 'proxmox', compression: { kind: compression }, out, warn })
  return { path: rendition.files[0]!.path, warnings }
}

test.for(['zstd', 'gzip', 'xz', 'none'] as const)(
  'PVE’s tar unpacks a template without a complaint: %s',
  async (compression, context) => {
    guard.check(context)
    const { path } = await template(compression)
    const root = mkdtempSync(join(folder, 'root-'))
    chmodSync(root, 0o755)
    chownSync(root, 100000, 100000)
    const args = ['tar', 'xpf', '-', ...decompressors[compression]!, ...tarFlags, '-C', root, ...excludes]
    const done = spawnSync('lxc-usernsexec', [...namespace, ...args], { input: readFileSync(path), maxBuffer: 1 << 26 })
    expect(done.stderr.toString().replace(/Total bytes read.*\n/, '')).toBe('')
    expect(done.status).toBe(0)

    const at = (name: string) => join(root, name)
    expect(execFileSync('getcap', [at('usr/bin/ping')], { encoding: 'utf8' })).toContain('cap_net_raw=ep')
    expect(execFileSync('getfacl', ['-n', '--absolute-names', at('etc/acl')], { encoding: 'utf8' })).toContain(
      'user:101000:rwx',
    )
    expect(lstatSync(at('etc/shadow'))).toMatchObject({ uid: 100000, gid: 100042 })
    expect(lstatSync(at('etc/last'))).toMatchObject({ uid: 165535, gid: 165535 })
    expect(lstatSync(at('usr/bin/su')).mode & 0o7777).toBe(0o4755)
    expect(lstatSync(at('usr/bin/sh')).nlink).toBe(2)
    expect(statSync(at('etc/os-release'), { bigint: true }).mtimeNs).toBe(1_600_000_000_987_654_321n)
    expect(lstatSync(at('var/sparse')).blocks * 512).toBeLessThanOrEqual(16384)
    const whole = Buffer.alloc(1 << 20)
    for (const { offset, length } of runs) whole.fill('data', offset, offset + length)
    expect(readFileSync(at('var/sparse')).equals(whole)).toBe(true)
    expect(readFileSync(Buffer.from(`${root}/etc/caf\xe9`, 'latin1'), 'utf8')).toBe('not UTF-8')
    const long = tortureTree.find(({ header }) => header.path.startsWith('var/long'))!.header
    expect(listXattrs(Buffer.from(at(long.path))).get('user.note')).toEqual(Buffer.from([0, 1, 2, 255]))
  },
)

test('what PVE cannot unpack is left out, and each kind is said once', async () => {
  const { path, warnings } = await template('zstd')
  const names = execFileSync('tar', ['--zstd', '-tvf', path], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .trim()
    .split('\n')
  expect(names.every((line) => line.includes(' ./'))).toBe(true)
  expect(names.filter((line) => /^[bc]/.test(line))).toEqual([])
  expect(names.some((line) => line.endsWith(' ./dev/pts/'))).toBe(true)
  expect(names.some((line) => line.includes('./dev/stdin'))).toBe(false)
  expect(warnings).toEqual([
    'Proxmox VE does not unpack the extended attribute security.selinux; it was left out: /etc/selinux',
    'Proxmox VE cannot create device nodes; left out: /var/lib/docker/overlay2/x/gone',
    'Proxmox VE fills /dev itself; left out: 2 entries, the first is /dev/null',
  ])
})

test('a name in a folder follows the convention', async () => {
  const { path } = await template('zstd')
  expect(path).toMatch(/\/linux-standard_20231114_amd64\.tar\.zst$/)
  const image = treeImage(tree, { properties: { os: 'debian', version: '12', serial: '20240101_0742' } })
  const rendition = await pour([image], {
    to: 'proxmox',
    out: `${mkdtempSync(join(folder, 'out-'))}/`,
    warn: () => undefined,
  })
  expect(rendition.files[0]!.path).toMatch(/\/debian-12-standard_20240101-0742_amd64\.tar\.zst$/)
})

test('ids that an unprivileged container has not are refused, with the way out', async () => {
  const shifted = tree.map(({ header, content }) => ({
    header: { ...header, uid: header.uid + 100000, gid: header.gid + 100000 },
    content,
  }))
  const out = mkdtempSync(join(folder, 'out-'))
  await expect(
    pour([treeImage(shifted)], { to: 'proxmox', out: join(out, 'x.tar'), warn: () => undefined }),
  ).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('uid 100000'),
    hint: expect.stringContaining('--shift-ids -100000'),
  })
  expect(existsSync(join(out, 'x.tar'))).toBe(false)
})

test('a tree that Proxmox VE cannot start is written, with warnings that say why', async () => {
  const warnings: string[] = []
  const small = [
    item({ path: '', type: 'directory' }),
    item({ path: 'etc', type: 'directory' }),
    item({ path: 'etc/os-release', type: 'file' }, 'ID=void\n'),
  ]
  const run = { cmd: ['nginx', '-g', 'daemon off;'], env: ['PATH=/bin', 'LANG=C'], user: 'www' }
  await pour([treeImage(small, { run })], {
    to: 'proxmox',
    out: join(folder, 'small.tar.zst'),
    warn: (m) => warnings.push(m),
  })
  expect(warnings.join('\n')).toMatch(/command \(nginx -g daemon off;\), environment \(LANG\), user \(www\)/)
  expect(warnings.join('\n')).toMatch(/fewer than 10 members/)
  expect(warnings.join('\n')).toMatch(/no \/sbin\/init/)
  expect(warnings.join('\n')).toMatch(/--ostype unmanaged/)
  expect(warnings).toHaveLength(4)
})

test('the oci variant is what PVE 9.1 takes for an OCI archive, and says when it is an application', async () => {
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const out = join(folder, 'oci.tar')
  const app = treeImage(tree, { run: { entrypoint: ['/usr/sbin/nginx'] } }, ['app:1'])
  await pour([app], { to: 'proxmox', variant: 'oci', out, warn })
  const names = execFileSync('tar', ['-tf', out], { encoding: 'utf8' }).trim().split('\n')
  expect(names).toContain('oci-layout')
  expect(names).toContain('index.json')
  expect(names.every((name) => /^(oci-layout|index\.json|blobs\/.*)$/.test(name))).toBe(true)
  expect(warnings).toEqual([expect.stringContaining('application container')])
  warnings.length = 0
  await pour([treeImage(tree, { run: { cmd: ['/sbin/init'] } }, ['sys:1'])], {
    to: 'proxmox',
    variant: 'oci',
    out: join(folder, 'sys.tar'),
    warn,
  })
  expect(warnings).toEqual([])
})

test('templates of other makers are read, device nodes and all', async () => {
  mkdirSync(join(folder, 'their'))
  const out = join(folder, 'their.tar')
  execFileSync('tar', ['--zstd', '-cf', out, '-C', folder, './their'])
  const names: string[] = []
  for await (const entry of (await openImage(`proxmox:${out}`)).image.layers[0]!.entries()) names.push(entry.path)
  expect(names).toEqual(['their'])
})
