import { expect, test } from 'vitest'
import type { TreeFindings } from '../tree-watch.ts'
import { pveOstype } from './ostype.ts'

function tree(files: Readonly<Record<string, string>>): TreeFindings {
  return {
    entries: 100,
    has: (path) => path in files,
    type: (path) => (path in files ? 'file' : undefined),
    text: (path) => files[path],
  }
}

test.each([
  ['ID=debian', 'debian'],
  ['NAME="x"\nID=ubuntu\nID_LIKE=debian', 'ubuntu'],
  ['ID=arch', 'archlinux'],
  ['ID="rocky"', 'centos'],
  ["ID='almalinux'", 'centos'],
  ['ID="opensuse-leap"', 'opensuse'],
  ['ID=opensuse-leap', 'opensuse'], // without quotes PVE reads as far as the dash
  ['ID=debian-edu', 'debian'],
  ['ID="debian-edu"', undefined],
  ['ID=openEuler', 'openeuler'],
  ['ID=void', undefined],
  ['NAME=x', undefined],
])('%j is %s', (release, ostype) => {
  expect(pveOstype(tree({ 'etc/os-release': release }))).toBe(ostype)
})

test('an unknown ID falls back on files, in PVE’s order', () => {
  expect(pveOstype(tree({ 'etc/os-release': 'ID=kali', 'etc/debian_version': 'kali-rolling' }))).toBe('debian')
  expect(
    pveOstype(
      tree({ 'etc/os-release': 'ID=linuxmint', 'etc/lsb-release': 'DISTRIB_ID=Ubuntu\n', 'etc/debian_version': 'x' }),
    ),
  ).toBe('ubuntu')
  expect(pveOstype(tree({ 'etc/os-release': 'ID="ol"', 'etc/redhat-release': '' }))).toBe('centos')
  expect(pveOstype(tree({ 'nix/store': '' }))).toBe('nixos')
  expect(pveOstype(tree({ 'usr/lib/os-release': 'ID=alpine' }))).toBe('alpine')
  expect(pveOstype(tree({}))).toBeUndefined()
})
