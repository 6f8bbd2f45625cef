import { expect, test } from 'vitest'
import { imageRecord } from '../../../test/support/image-record.ts'
import { item, treeImage } from '../../../test/support/trees.ts'
import { cycloneDx } from './cyclonedx.ts'
import { describeForSbom, sbomSubject } from './describe.ts'
import { purlOf } from './purl.ts'
import { spdx } from './spdx.ts'

const status = `Package: libc++1
Status: install ok installed
Architecture: amd64
Source: llvm (1:14)
Version: 1:14.0-16
Maintainer: A <a@b>
Homepage: https://llvm.org
Description: the library
 Status: not this one

Package: gone
Status: deinstall ok config-files
Version: 1

Package: libc++1
Status: hold ok installed
Architecture: i386
Version: 1:14.0-16
`
const apk = 'P:busybox\nV:1.36.1-r5\nA:x86_64\nL:GPL-2.0-only\nI:950272\n\nP:broken\n'

async function describe() {
  const image = treeImage([
    item({ path: 'var/lib/dpkg/status', type: 'file' }, status),
    item({ path: 'lib/apk/db/installed', type: 'file' }, apk),
  ])
  const record = imageRecord('sbom', {
    properties: { os: 'Debian', version: '12' },
    createdAt: 1_700_000_000,
    aliases: [{ name: 'lab', description: '' }],
  })
  return await describeForSbom(sbomSubject(record), image, () => {})
}

test('packages of dpkg and apk, installed ones only, with what the databases say', async () => {
  expect((await describe()).packages).toEqual([
    {
      manager: 'apk',
      name: 'busybox',
      version: '1.36.1-r5',
      architecture: 'x86_64',
      license: 'GPL-2.0-only',
      installedSize: 950272,
    },
    {
      manager: 'dpkg',
      name: 'libc++1',
      version: '1:14.0-16',
      architecture: 'amd64',
      source: 'llvm',
      maintainer: 'A <a@b>',
      homepage: 'https://llvm.org',
      summary: 'the library',
    },
    { manager: 'dpkg', name: 'libc++1', version: '1:14.0-16', architecture: 'i386' },
  ])
})

test('CycloneDX: a component for each package, each with a purl of its own', async () => {
  const bom = cycloneDx(await describe(), '1.0') as Record<string, never> & { components: Record<string, string>[] }
  expect(bom).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
    metadata: { timestamp: '2023-11-14T22:13:20.000Z', component: { name: 'lab', type: 'container' } },
  })
  expect(bom.components.map((one) => one.purl ?? one.type)).toEqual([
    'operating-system',
    'pkg:apk/debian/busybox@1.36.1-r5?arch=x86_64&distro=debian-12',
    'pkg:deb/debian/libc%2B%2B1@1%3A14.0-16?arch=amd64&distro=debian-12',
    'pkg:deb/debian/libc%2B%2B1@1%3A14.0-16?arch=i386&distro=debian-12',
  ])
  expect(new Set(bom.components.map((one) => one['bom-ref'])).size).toBe(4)
  expect(JSON.stringify(cycloneDx(await describe(), '1.0'))).toBe(JSON.stringify(bom))
})

test('SPDX: every package has an id of its own, and the image contains it', async () => {
  const document = spdx(await describe(), '1.0') as {
    packages: { SPDXID: string }[]
    relationships: { relationshipType: string; relatedSpdxElement: string }[]
  }
  expect(document).toMatchObject({ spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: 'SPDXRef-DOCUMENT' })
  const ids = document.packages.map((one) => one.SPDXID)
  expect(new Set(ids).size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/)
  const contained = document.relationships.filter((one) => one.relationshipType === 'CONTAINS')
  expect(contained.map((one) => one.relatedSpdxElement)).toEqual(ids.slice(1))
})

test('purls of rpm and pacman', async () => {
  const described = { ...(await describe()), os: 'fedora', osVersion: '41' }
  const one = { name: 'Big_Name', version: '2:1.0-3', architecture: 'noarch' }
  expect(purlOf({ ...one, manager: 'rpm' }, described)).toBe(
    'pkg:rpm/fedora/Big_Name@1.0-3?arch=noarch&distro=fedora-41&epoch=2',
  )
  expect(purlOf({ ...one, manager: 'pacman' }, { ...described, os: '', osVersion: '' })).toBe(
    'pkg:alpm/arch/big_name@2%3A1.0-3?arch=noarch',
  )
})
