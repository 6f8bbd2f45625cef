import { expect, test } from 'vitest'
import { comparePackages, packagesOf } from './packages.ts'
import { file, layerOf } from './test-tree.ts'

const status = `Package: bash
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b7
Description: shell
 Package: not-a-field
 Version: 9

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: half
Status: install ok half-installed
Version: 1.0

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-10

Package: held
Status: hold ok installed
Architecture: all
Version: 1:2.0~rc1-1
`

test('dpkg’s database: what is installed, by architecture where there are several', async () => {
  const packages = await packagesOf(layerOf([file('var/lib/dpkg/status', status), file('srv/var/lib/dpkg/status', 'Package: x\nVersion: 1\n')]))
  expect(Object.fromEntries(packages)).toEqual({ bash: '5.2.15-2+b7', 'libc6:amd64': '2.36-9', 'libc6:i386': '2.36-10', held: '1:2.0~rc1-1' })
})

test('distroless’ status.d', async () => {
  const items = [file('var/lib/dpkg/status.d/tzdata', 'Package: tzdata\nVersion: 2024a\nArchitecture: all\n'), file('var/lib/dpkg/status.d/tzdata.md5sums', 'abc  usr/share/zoneinfo\n')]
  expect(Object.fromEntries(await packagesOf(layerOf(items)))).toEqual({ tzdata: '2024a' })
})

test('apk’s database, also where /lib is merged', async () => {
  const installed = 'C:Q1abc\nP:musl\nV:1.2.5-r0\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\n\nC:Q1def\nP:busybox\nV:1.36.1-r29\n\n'
  for (const path of ['lib/apk/db/installed', 'usr/lib/apk/db/installed']) {
    expect(Object.fromEntries(await packagesOf(layerOf([file(path, installed)])))).toEqual({ musl: '1.2.5-r0', busybox: '1.36.1-r29' })
  }
})

test('no database, no packages', async () => {
  expect((await packagesOf(layerOf([file('etc/passwd', '')]))).size).toBe(0)
})

test('two sets are compared by name', () => {
  const a = new Map([['same', '1'], ['z-gone', '1'], ['gone', '2'], ['up', '1.0']])
  const b = new Map([['same', '1'], ['new', '3'], ['up', '1.1'], ['a-new', '1']])
  expect(comparePackages(a, b)).toEqual({
    added: [{ name: 'a-new', version: '1' }, { name: 'new', version: '3' }],
    removed: [{ name: 'gone', version: '2' }, { name: 'z-gone', version: '1' }],
    changed: [{ name: 'up', before: '1.0', after: '1.1' }],
  })
})
