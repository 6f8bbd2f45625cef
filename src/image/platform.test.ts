import { expect, test } from 'vitest'
import {
  architectures,
  debianArchitecture,
  findArchitecture,
  normalisePlatform,
  ociPlatform,
  parseArchitecture,
  parsePlatform,
  platformText,
} from './platform.ts'

test.each([
  ['amd64', 'x86_64'],
  ['x86_64', 'x86_64'],
  ['i386', 'i686'],
  ['386', 'i686'],
  ['arm64', 'aarch64'],
  ['arm64/v8', 'aarch64'],
  ['armhf', 'armv7l'],
  ['armel', 'armv6l'],
  ['arm/v6', 'armv6l'],
  ['ppc64el', 'ppc64le'],
  ['loong64', 'loongarch64'],
])('%s is %s', (name, canonical) => {
  expect(findArchitecture(name)).toBe(canonical)
})

test('every architecture goes to OCI and back', () => {
  for (const name of architectures)
    expect(findArchitecture(platformText(ociPlatform(name)).replace('linux/', ''))).toBe(name)
})

test('an unknown architecture is named, with its subject', () => {
  expect(() => parseArchitecture('vax', 'old.tar: metadata.yaml')).toThrow(
    /old\.tar: metadata\.yaml: architecture "vax" is not known/,
  )
})

test('platforms are read in any naming and written in OCI’s', () => {
  expect(parsePlatform('linux/aarch64')).toEqual({ os: 'linux', architecture: 'arm64' })
  expect(parsePlatform('x86_64')).toEqual({ os: 'linux', architecture: 'amd64' })
  expect(parsePlatform('linux/arm/v7')).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' })
  expect(parsePlatform('arm/v7')).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' })
  expect(normalisePlatform({ os: 'linux', architecture: 'amd64', variant: 'v1' })).toEqual({
    os: 'linux',
    architecture: 'amd64',
  })
  expect(() => parsePlatform('linux/arm/v7/x')).toThrow(/is not a platform/)
})

test('Debian names for Proxmox file names', () => {
  expect(debianArchitecture('aarch64')).toBe('arm64')
  expect(debianArchitecture('armv7l')).toBe('armhf')
})
