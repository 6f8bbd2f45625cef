import { expect, test } from 'vitest'
import { recordsOf } from '../../test/support/records.ts'
import { item, type TreeItem, treeLayer } from '../../test/support/trees.ts'
import type { Layer } from '../image/layer.ts'
import { cleanTree, createCleanReport } from './clean.ts'
import { planCleaning } from './clean-plan.ts'

const file = (path: string, content = 'x') => item({ path, type: 'file' }, content)
const folder = (path: string, mode = 0o755) => item({ path, type: 'directory', mode })
const link = (path: string, linkTarget: string) => item({ path, type: 'symlink', linkTarget })
const hard = (path: string, linkTarget: string) => item({ path, type: 'hardlink', linkTarget })

const standard = planCleaning({ preset: 'standard', on: [], off: [] })
const minimal = planCleaning({ preset: 'minimal', on: [], off: [] })
const only = (...on: string[]) => planCleaning({ preset: 'none', on, off: [] })

async function pathsOf(layer: Layer): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of layer.entries()) paths.push(path)
  return paths
}

async function counts(layer: Layer, operations = standard): Promise<Record<string, [entries: number, bytes: number]>> {
  const report = createCleanReport()
  await pathsOf(cleanTree(layer, operations, report))
  const did = report.results().filter(({ entries }) => entries > 0)
  return Object.fromEntries(did.map(({ operation, entries, bytes }) => [operation, [entries, bytes]]))
}

/** What has run, as the lab's manual finds it before packing. */
const used: readonly TreeItem[] = [
  folder(''),
  folder('dev'),
  item({ path: 'dev/null', type: 'char', devMajor: 1, devMinor: 3 }),
  folder('etc'),
  file('etc/machine-id', `${'0'.repeat(32)}\n`),
  link('etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf'),
  folder('etc/ssh'),
  file('etc/ssh/ssh_host_rsa_key', 'secret'),
  file('etc/ssh/ssh_host_rsa_key.pub', 'public'),
  file('etc/ssh/sshd_config'),
  folder('home'),
  folder('home/student', 0o700),
  file('home/student/.bash_history', 'ls'),
  file('home/student/.bashrc'),
  folder('home/student/.config'),
  file('home/student/.config/user-dirs.dirs'),
  folder('root', 0o700),
  file('root/.bash_history', 'passwd'),
  file('root/.bashrc'),
  folder('run', 0o777),
  folder('run/lock'),
  folder('tmp', 0o755),
  file('tmp/x'),
  folder('var'),
  folder('var/backups'),
  file('var/backups/dpkg.status.0'),
  folder('var/cache'),
  folder('var/cache/apt'),
  folder('var/cache/apt/archives'),
  file('var/cache/apt/archives/a.deb', 'package'),
  folder('var/crash', 0o755),
  file('var/crash/x'),
  folder('var/lib'),
  folder('var/lib/apt'),
  folder('var/lib/apt/lists'),
  file('var/lib/apt/lists/mirror_InRelease'),
  folder('var/lib/dbus'),
  link('var/lib/dbus/machine-id', '/etc/machine-id'),
  folder('var/log', 0o2775),
  file('var/log/syslog', 'lines'),
  folder('var/spool'),
  folder('var/spool/postfix'),
  folder('var/spool/postfix/dev'),
  item({ path: 'var/spool/postfix/dev/urandom', type: 'char', devMajor: 1, devMinor: 9 }),
  folder('var/tmp', 0o755),
  file('var/tmp/x'),
]

const expected: readonly TreeItem[] = [
  folder(''),
  folder('dev'),
  folder('etc'),
  file('etc/machine-id', ''),
  link('etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf'),
  folder('etc/ssh'),
  file('etc/ssh/sshd_config'),
  folder('home'),
  folder('home/student', 0o700),
  file('home/student/.bashrc'),
  folder('home/student/.config'),
  file('home/student/.config/user-dirs.dirs'),
  folder('root', 0o700),
  file('root/.bashrc'),
  folder('run', 0o755),
  folder('tmp', 0o1777),
  folder('var'),
  folder('var/backups'),
  folder('var/cache'),
  folder('var/crash', 0o1777),
  folder('var/lib'),
  folder('var/lib/apt'),
  folder('var/lib/apt/lists'),
  folder('var/lib/dbus'),
  link('var/lib/dbus/machine-id', '/etc/machine-id'),
  folder('var/log', 0o755),
  folder('var/spool'),
  folder('var/spool/postfix'),
  folder('var/spool/postfix/dev'),
  folder('var/tmp', 0o1777),
]

test('the lab’s list, all of it', async () => {
  expect(await recordsOf(cleanTree(treeLayer(used), standard))).toEqual(await recordsOf(treeLayer(expected)))
})

test('cleaning twice is cleaning once', async () => {
  const once = cleanTree(treeLayer(used), standard)
  expect(await recordsOf(cleanTree(once, standard))).toEqual(await recordsOf(once))
  expect(await counts(once)).toEqual({})
})

test('minimal takes what is secret or one machine’s, and leaves logs and caches', async () => {
  const paths = await pathsOf(cleanTree(treeLayer(used), minimal))
  expect(paths).toContain('var/log/syslog')
  expect(paths).toContain('var/cache/apt/archives/a.deb')
  expect(paths).toContain('var/spool/postfix/dev/urandom')
  for (const gone of ['etc/ssh/ssh_host_rsa_key', 'root/.bash_history', 'run/lock', 'tmp/x', 'dev/null']) {
    expect(paths).not.toContain(gone)
  }
})

test('no operation, no change', async () => {
  expect(await recordsOf(cleanTree(treeLayer(used), only()))).toEqual(await recordsOf(treeLayer(used)))
})

test('a report counts entries and bytes by operation', async () => {
  expect(await counts(treeLayer(used))).toMatchObject({
    'ssh-host-keys': [2, 12],
    'machine-id': [1, 33],
    'shell-histories': [2, 8],
    run: [1, 0],
    'var-log': [1, 5],
    'device-nodes': [1, 0],
  })
})

test('a tree that is read again is counted once', async () => {
  const report = createCleanReport()
  const layer = cleanTree(treeLayer([folder('tmp'), file('tmp/x', '123')]), standard, report)
  for (let i = 0; i < 3; i++) await pathsOf(layer)
  expect(report.results()).toContainEqual({ operation: 'tmp', entries: 1, bytes: 3 })
})

test('a file that is removed here and lives on elsewhere keeps its content, and no bytes went', async () => {
  const items = [
    folder('tmp'),
    file('tmp/a', 'content'),
    hard('tmp/b', 'tmp/a'),
    folder('usr'),
    hard('usr/c', 'tmp/a'),
    hard('usr/d', 'tmp/b'),
  ]
  const kept = [folder('tmp', 0o1777), folder('usr'), file('usr/c', 'content'), hard('usr/d', 'usr/c')]
  expect(await recordsOf(cleanTree(treeLayer(items), standard))).toEqual(await recordsOf(treeLayer(kept)))
  expect(await counts(treeLayer(items))).toEqual({ tmp: [2, 0] })
})

test('machine ids that are two names of one file: one empties, one goes, whichever is first', async () => {
  const first = [file('etc/machine-id', 'id'), hard('var/lib/dbus/machine-id', 'etc/machine-id')]
  const second = [file('var/lib/dbus/machine-id', 'id'), hard('etc/machine-id', 'var/lib/dbus/machine-id')]
  for (const items of [first, second]) {
    const cleaned = await recordsOf(cleanTree(treeLayer(items), only('machine-id')))
    expect(cleaned).toEqual(await recordsOf(treeLayer([file('etc/machine-id', '')])))
  }
})

test('a machine id that shares its file with something else is emptied all the same', async () => {
  const cleaned = await recordsOf(
    cleanTree(treeLayer([file('a', 'id'), hard('etc/machine-id', 'a')]), only('machine-id')),
  )
  expect(cleaned).toEqual(await recordsOf(treeLayer([file('a', 'id'), file('etc/machine-id', '')])))
})

test('in a plain tree a .wh. name is a file like any other', async () => {
  expect(await counts(treeLayer([folder('tmp'), file('tmp/.wh.x', 'abc'), file('etc/ssh/.wh.ssh_host_x')]))).toEqual({
    tmp: [1, 3],
  })
})
