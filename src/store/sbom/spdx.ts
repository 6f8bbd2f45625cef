import { type Described, purlOf, uuidOf } from './purl.ts'

/** An SPDX 2.3 document in JSON (spdx.github.io/spdx-spec/v2.3). The same image gives the same bytes. */
export function spdx(image: Described, toolVersion: string): object {
  const ids = image.packages.map(
    ({ name }, index) => `SPDXRef-Package-${index + 1}-${name.replace(/[^A-Za-z0-9.-]/g, '-')}`,
  )
  const root = 'SPDXRef-Image'
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: image.name,
    documentNamespace: `urn:uuid:${uuidOf(image.fingerprint)}`,
    creationInfo: {
      created: new Date(image.created * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: ingot-${toolVersion}`],
    },
    packages: [
      {
        ...unknown,
        SPDXID: root,
        name: image.name,
        versionInfo: image.fingerprint,
        primaryPackagePurpose: 'CONTAINER',
        checksums: [{ algorithm: 'SHA256', checksumValue: image.fingerprint }],
      },
      ...image.packages.map((one, index) => ({
        ...unknown,
        SPDXID: ids[index]!,
        name: one.name,
        versionInfo: one.version,
        ...(one.maintainer ? { supplier: `Person: ${one.maintainer.replace(/<([^<>]*)>$/, '($1)')}` } : {}),
        ...(one.homepage ? { homepage: one.homepage } : {}),
        ...(one.summary ? { summary: one.summary } : {}),
        ...(one.license ? { comment: `License as the package manager has it: ${one.license}` } : {}),
        externalRefs: [
          { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purlOf(one, image) },
        ],
      })),
    ],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: root },
      ...ids.map((id) => ({ spdxElementId: root, relationshipType: 'CONTAINS', relatedSpdxElement: id })),
    ],
  }
}

const unknown = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
} as const
