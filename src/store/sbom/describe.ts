import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { installedPackages } from '../../layers/installed-packages.ts'
import type { ImageRecord } from '../catalog/image-record.ts'
import type { Described } from './purl.ts'

/**
 * What an SBOM says of a stored image: its installed packages, by name and architecture. Reads the tree. Throws 'limit'; `warn` is
 * told of databases that cannot be read.
 */
export async function describeForSbom(
  record: ImageRecord,
  image: SystemImage,
  warn: (message: string) => void,
): Promise<Described> {
  const packages = [...(await installedPackages(flatten(image.layers, image.source), warn))]
  const { os = '', version = '' } = record.properties
  return {
    name: record.aliases[0]?.name ?? record.fingerprint.slice(0, 12),
    fingerprint: record.fingerprint,
    os: os.toLowerCase(),
    osVersion: version,
    architecture: record.architecture,
    created: record.createdAt ?? record.uploadedAt,
    packages: packages.sort((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture)),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
