import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { installedPackages } from '../../layers/installed-packages.ts'
import type { ImageRecord } from '../catalog/image-record.ts'
import type { Described } from './purl.ts'

/** What an SBOM is of, but for its packages. */
export interface SbomSubject extends Pick<Described, 'name' | 'fingerprint' | 'architecture' | 'created'> {
  readonly properties: Readonly<Record<string, string>>
}

export function sbomSubject(record: ImageRecord): SbomSubject {
  const { fingerprint, architecture, properties } = record
  const name = record.aliases[0]?.name ?? fingerprint.slice(0, 12)
  return { name, fingerprint, architecture, properties, created: record.createdAt ?? record.uploadedAt }
}

/**
 * What an SBOM says of an image: its installed packages, by name and architecture. Reads the tree. Throws 'limit'; `warn` is
 * told of databases that cannot be read.
 */
export async function describeForSbom(
  { properties, ...subject }: SbomSubject,
  image: Pick<SystemImage, 'layers' | 'source'>,
  warn: (message: string) => void,
): Promise<Described> {
  const packages = [...(await installedPackages(flatten(image.layers, image.source), warn))]
  const { os = '', version = '' } = properties
  return {
    ...subject,
    os: os.toLowerCase(),
    osVersion: version,
    packages: packages.sort((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture)),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
