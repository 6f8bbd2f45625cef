import { expect, test } from 'vitest'
import { emptyMetadata } from '../../image/metadata.ts'
import { templateName } from './name.ts'

const name = (properties: Record<string, string>, created?: number, image?: string) =>
  templateName({ ...emptyMetadata('x86_64'), properties, ...(created ? { created } : {}) }, image)

test.each([
  [{ os: 'debian', release: 'bookworm', version: '12' }, 1_700_000_000, undefined, 'debian-12-standard_20231114_amd64'],
  [
    { os: 'Debian', release: 'bookworm', serial: '20240101_0742' },
    5,
    'x:1',
    'debian-bookworm-standard_20240101-0742_amd64',
  ],
  [{ os: 'alpine', release: '3.22', variant: 'cloud' }, undefined, undefined, 'alpine-3.22-cloud_3.22_amd64'],
  [{ os: 'debian', release: 'sid', variant: 'default' }, undefined, undefined, 'debian-sid-standard_1_amd64'],
  [{}, 1_700_000_000, 'docker.io/library/debian:12', 'debian-12-standard_20231114_amd64'],
  [{}, undefined, 'my app/x y:latest', 'x-y-standard_1_amd64'],
  [{ os: 'debian', version: '12' }, 1, undefined, 'debian-12-standard_12_amd64'],
  [{}, undefined, undefined, 'linux-standard_1_amd64'],
  [{ os: '../../etc', release: 'ü/\n' }, undefined, undefined, 'etc-standard_1_amd64'],
] as const)('%j made %s, named %s: %s', (properties, created, image, expected) => {
  expect(name(properties, created, image)).toBe(expected)
  expect(expected).toMatch(/^[a-z0-9.-]+_[a-z0-9.-]+_amd64$/)
})
