import type { ByteString } from '../image/bytes.ts'
import { bodyOf, type EntryHeader, type EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { collect } from '../image/stream.ts'
import { entriesLayer } from './entries-layer.ts'
import { apk } from './package-databases/apk.ts'
import { dpkg } from './package-databases/dpkg.ts'
import { pacman } from './package-databases/pacman.ts'
import { rpm } from './package-databases/rpm.ts'
import type { InstalledPackage, PackageDatabase } from './package-databases/types.ts'

const databases: readonly PackageDatabase[] = [dpkg, rpm, pacman, apk]

/** Databases of everything a distribution has are a fifth of this. */
const mostBytes = 256 * 1024 * 1024

/**
 * The same tree; when it has been read to its end, its installed packages are in `packages`: from the databases of dpkg, rpm, pacman and
 * apk. `warn` is told of one that cannot be read. Throws 'limit' for databases of more than 256 MiB.
 */
export function notingPackages(layer: Layer, packages: InstalledPackage[], warn: (message: string) => void): Layer {
  async function* entries(): EntryStream {
    const found = new Map<PackageDatabase, Map<ByteString, Buffer>>()
    let bytes = 0
    for await (const entry of layer.entries()) {
      const database = entry.type === 'file' ? databases.find((one) => one.has(entry.path)) : undefined
      if (!database) {
        yield entry
        continue
      }
      bytes += entry.size
      if (bytes > mostBytes) throw new IngotError('limit', `${entry.path}: package databases of ${bytes} bytes`)
      const content = await collect(entry.body)
      const files = found.get(database) ?? new Map<ByteString, Buffer>()
      found.set(database, files.set(entry.path, withHoles(entry, content)))
      yield { ...entry, body: bodyOf(content) }
    }
    for (const [database, files] of found) for (const one of read(database, files, warn)) packages.push(one)
  }
  return entriesLayer(layer.name, entries, { whiteouts: layer.whiteouts, canonical: layer.canonical ?? false })
}

/** What is installed in a tree. Reads it to its end. Throws and warns as notingPackages. */
export async function installedPackages(
  layer: Layer,
  warn: (message: string) => void,
): Promise<readonly InstalledPackage[]> {
  const packages: InstalledPackage[] = []
  for await (const _ of notingPackages(layer, packages, warn).entries());
  return packages
}

function read(
  database: PackageDatabase,
  files: ReadonlyMap<ByteString, Buffer>,
  warn: (message: string) => void,
): readonly InstalledPackage[] {
  try {
    return database.read(files)
  } catch (error) {
    if (!(error instanceof IngotError)) throw error
    warn(`${error.message}; its packages are not among those that are listed`)
    return []
  }
}

/** A file as programs see it. */
function withHoles({ size, sparse }: EntryHeader, data: Buffer): Buffer {
  if (sparse === undefined) return data
  const whole = Buffer.alloc(size)
  let at = 0
  for (const { offset, length } of sparse) {
    data.copy(whole, offset, at, at + length)
    at += length
  }
  return whole
}
