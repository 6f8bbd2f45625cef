import { expect, test } from 'vitest'
import { imageRecord, uploaded } from '../../../test/support/image-record.ts'
import { renderInfo } from './info.ts'

test('an image with all there is, as lxc prints it', () => {
  const image = imageRecord('a', {
    variant: 'unified',
    architecture: 'i686',
    size: 146_202_951,
    cached: true,
    autoUpdate: true,
    createdAt: Date.UTC(2026, 2, 15) / 1000,
    expiresAt: Date.UTC(2027, 3, 26) / 1000,
    lastUsedAt: uploaded + 60,
    replacedAt: uploaded + 120,
    source: { protocol: 'simplestreams', server: 'https://images.example/releases', alias: 'precise/i386' },
    properties: { version: '12.04', description: 'ubuntu 12.04 LTS i386 (release) (20160315)', os: 'ubuntu' },
    aliases: [
      { name: 'precise', description: 'the old one' },
      { name: 'ubuntu', description: '' },
    ],
  })
  expect(renderInfo(image, uploaded)).toBe(`\
Fingerprint: ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb
Size: 139.43MB
Architecture: i686
Type: container
Format: lxd (unified)
Public: no
Timestamps:
    Created: 2026/03/15 00:00 UTC
    Uploaded: 2026/11/21 10:06 UTC
    Expires: 2027/04/26 00:00 UTC
    Last used: 2026/11/21 10:07 UTC
    Replaced: 2026/11/21 10:08 UTC
Properties:
    description: ubuntu 12.04 LTS i386 (release) (20160315)
    os: ubuntu
    version: 12.04
Aliases:
    - precise (the old one)
    - ubuntu
Cached: yes
Auto update: enabled
Source:
    Server: https://images.example/releases
    Protocol: simplestreams
    Alias: precise/i386
Profiles:
    - default
`)
})

test('an image with nothing', () => {
  expect(renderInfo(imageRecord('b', { format: 'oci', type: 'virtual-machine', public: true }), uploaded)).toBe(`\
Fingerprint: 3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d
Size: 0.00MB
Architecture: x86_64
Type: virtual-machine
Format: oci
Public: yes
Timestamps:
    Uploaded: 2026/11/21 10:06 UTC
    Expires: never
    Last used: never
Properties:
Aliases:
Cached: no
Auto update: disabled
Profiles:
    - default
`)
})

const day = 86_400

test.each([
  [8 * day, undefined],
  [7 * day + 1, undefined],
  [7 * day, 'Warning: this image expires in 7 days (2026/11/21 10:06 UTC)'],
  [day + 5, 'Warning: this image expires in 1 day (2026/11/21 10:06 UTC)'],
  [5, 'Warning: this image expires in less than a day (2026/11/21 10:06 UTC)'],
  [0, 'Warning: this image expired less than a day ago (2026/11/21 10:06 UTC)'],
  [-400 * day, 'Warning: this image expired 400 days ago (2026/11/21 10:06 UTC)'],
])('%d seconds before its expiry the last line is %j', (before, warning) => {
  const lines = renderInfo(imageRecord('a', { expiresAt: uploaded }), uploaded - before).split('\n')
  expect(lines.at(-2)).toBe(warning ?? '    - default')
})

test('nothing that steers a terminal gets to it', () => {
  const image = imageRecord('a', { properties: { 'a\x1bb': 'x\nFormat: none\x9b' } })
  expect(renderInfo(image, uploaded)).toContain('\n    a\\x1bb: x\\x0aFormat: none\\x9b\n')
})
