import { expect, test } from 'vitest'
import { recordsOf } from '../../test/support/records.ts'
import { item, treeLayer } from '../../test/support/trees.ts'
import { installedPackages, notingPackages } from './installed-packages.ts'
import type { InstalledPackage } from './package-databases/types.ts'
import { comparePackages } from './packages.ts'

function stanza(name: string, version: string, architecture = 'amd64', status = 'install ok installed'): string {
  return `Package: ${name}\nStatus: ${status}\nArchitecture: ${architecture}\nVersion: ${version}\nDescription: some\n Package: not-me\n .\n Version: 0\n`
}

function fail(message: string): never {
  throw new Error(message)
}

async function installed(...files: readonly (readonly [path: string, text: string])[]): Promise<object> {
  const items = files.map(([path, text]) => item({ path, type: 'file' }, text))
  const packages: InstalledPackage[] = []
  expect(await recordsOf(notingPackages(treeLayer(items), packages, fail))).toEqual(await recordsOf(treeLayer(items)))
  expect(await installedPackages(treeLayer(items), fail)).toEqual(packages)
  const { added } = comparePackages([], packages)
  return Object.fromEntries(added.map(({ name, version }) => [name, version]))
}

test('dpkg: what is installed, whether on hold or not; nothing half-done or removed', async () => {
  const status = [
    stanza('bash', '5.2-1'),
    stanza('held', '1', 'all', 'hold ok installed'),
    stanza('gone', '2', 'amd64', 'deinstall ok config-files'),
    stanza('half', '3', 'amd64', 'install ok half-installed'),
  ].join('\n')
  expect(await installed(['var/lib/dpkg/status', status])).toEqual({ bash: '5.2-1', held: '1' })
})

test('dpkg: a package of two architectures is told apart', async () => {
  const status = [stanza('libc6', '2.36'), stanza('bash', '5'), stanza('libc6', '2.35', 'i386')].join('\n')
  expect(await installed(['var/lib/dpkg/status', status])).toEqual({
    'libc6:amd64': '2.36',
    'libc6:i386': '2.35',
    bash: '5',
  })
})

test('dpkg of distroless images: one file for each package, without a status', async () => {
  const files = [
    ['var/lib/dpkg/status.d/base', 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\n'],
    ['var/lib/dpkg/status.d/base.md5sums', 'd41d8cd98f00b204e9800998ecf8427e  etc/x\n'],
  ] as const
  expect(await installed(...files)).toEqual({ 'base-files': '12.4' })
})

test('apk, at both places', async () => {
  const database =
    'C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\nT:the musl c library\n\nC:Q1def=\nP:busybox\nV:1.36.1-r29\n\n'
  const expected = { musl: '1.2.5-r0', busybox: '1.36.1-r29' }
  expect(await installed(['lib/apk/db/installed', database])).toEqual(expected)
  expect(await installed(['usr/lib/apk/db/installed', database])).toEqual(expected)
})

test('pacman: a folder for each', async () => {
  const desc = (name: string) => `%NAME%\n${name}\n\n%VERSION%\n1:2-3\n\n%LICENSE%\nMIT\nBSD\n\n%NAME%\nno\n`
  expect(
    await installed(
      ['var/lib/pacman/local/a-1:2-3/desc', desc('a')],
      ['var/lib/pacman/local/b-1:2-3/desc', desc('b')],
      ['var/lib/pacman/local/b-1:2-3/files', desc('c')],
      ['var/lib/pacman/local/ALPM_DB_VERSION', '9\n'],
    ),
  ).toEqual({ a: '1:2-3', b: '1:2-3' })
})

test('what cannot be read is told of, and the others are there', async () => {
  const told: string[] = []
  const items = [
    item({ path: 'var/lib/dpkg/status', type: 'file' }, stanza('bash', '5')),
    item({ path: 'var/lib/rpm/rpmdb.sqlite', type: 'file' }, 'x'),
  ]
  const found = await installedPackages(treeLayer(items), (message) => told.push(message))
  expect(found.map(({ name }) => name)).toEqual(['bash'])
  expect(told).toEqual([
    'the rpm database /var/lib/rpm/rpmdb.sqlite cannot be read: it is no SQLite database; its packages are not among those that are listed',
  ])
})

test('a database of an absurd size is not read', async () => {
  const layer = treeLayer([item({ path: 'var/lib/dpkg/status', type: 'file', size: 1e9 }, 'x')])
  await expect(recordsOf(notingPackages(layer, [], fail))).rejects.toMatchObject({ code: 'limit' })
})

test('comparing', () => {
  const of = (versions: Readonly<Record<string, string>>): InstalledPackage[] =>
    Object.entries(versions).map(([name, version]) => ({ manager: 'dpkg', name, version, architecture: 'amd64' }))
  const before = of({ b: '1', a: '1', same: '1', z: '1' })
  const after = of({ z: '2', same: '1', n: '3', c: '1', a: '0' })
  expect(comparePackages(before, after)).toEqual({
    added: [
      { name: 'c', version: '1' },
      { name: 'n', version: '3' },
    ],
    removed: [{ name: 'b', version: '1' }],
    changed: [
      { name: 'a', before: '1', after: '0' },
      { name: 'z', before: '1', after: '2' },
    ],
  })
})
