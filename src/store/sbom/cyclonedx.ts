import type { InstalledPackage } from '../../layers/package-databases/types.ts'
import { type Described, purlOf, uuidOf } from './purl.ts'

/** A CycloneDX 1.6 document in JSON (cyclonedx.org/docs/1.6/json). The same image gives the same bytes. */
export function cycloneDx(image: Described, toolVersion: string): object {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(image.fingerprint)}`,
    version: 1,
    metadata: {
      timestamp: new Date(image.created * 1000).toISOString(),
      tools: { components: [{ type: 'application', name: 'ingot', version: toolVersion }] },
      component: {
        type: 'container',
        'bom-ref': image.fingerprint,
        name: image.name,
        version: image.fingerprint,
        hashes: [{ alg: 'SHA-256', content: image.fingerprint }],
      },
    },
    components: [
      ...(image.os ? [{ type: 'operating-system', 'bom-ref': 'os', name: image.os, version: image.osVersion }] : []),
      ...image.packages.map((one) => component(one, image)),
    ],
    dependencies: [{ ref: image.fingerprint, dependsOn: image.packages.map((one) => purlOf(one, image)) }],
  }
}

function component(one: InstalledPackage, image: Described): object {
  const purl = purlOf(one, image)
  return {
    type: 'library',
    'bom-ref': purl,
    ...(one.maintainer ? { publisher: one.maintainer } : {}),
    name: one.name,
    version: one.version,
    ...(one.summary ? { description: one.summary } : {}),
    ...(one.license ? { licenses: [{ license: { name: one.license } }] } : {}),
    purl,
    ...(one.homepage ? { externalReferences: [{ type: 'website', url: one.homepage }] } : {}),
    ...(one.source ? { properties: [{ name: 'ingot:source-package', value: one.source }] } : {}),
  }
}
