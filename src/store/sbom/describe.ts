import { IngotError } from '../../image/error.ts'
import { collect } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { type InstalledPackage, packageParserFor } from '../../layers/installed-packages.ts'
import type { ImageRecord } from '../catalog/image-record.ts'
import type { Described } from './purl.ts'

/** Databases of everything a distribution has are a fifth of this. */
const mostBytes = 256 * 1024 * 1024

/** What an SBOM says of a stored image: its installed packages, by name and architecture. Reads the tree. Throws 'limit'. */
export async function describeForSbom(record: ImageRecord, image: SystemImage): Promise<Described> {
  const packages: InstalledPackage[] = []
  for await (const entry of flatten(image.layers, image.source).entries()) {
    const parse = entry.type === 'file' ? packageParserFor(entry.path) : undefined
    if (!parse) continue
    if (entry.size > mostBytes)
      throw new IngotError('limit', `${entry.path}: a package database of ${entry.size} bytes`)
    packages.push(...parse((await collect(entry.body)).toString('utf8')))
  }
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
