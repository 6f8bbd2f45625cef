import { openSqliteImage } from '../../host/sqlite-image.ts'
import type { ByteString } from '../../image/bytes.ts'
import { IngotError, messageOf } from '../../image/error.ts'
import { packageOfHeader } from './rpm-header.ts'
import { headersOfNdb } from './rpm-ndb.ts'
import type { InstalledPackage, PackageDatabase } from './types.ts'

const folders = ['usr/lib/sysimage/rpm', 'var/lib/rpm']
const [sqlite, ndb, berkeley] = ['rpmdb.sqlite', 'Packages.db', 'Packages']
const names = [sqlite, `${sqlite}-wal`, ndb, berkeley]
const paths = new Set(folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)))

/** As rpm has it since 4.16: in SQLite, or in a format of its own (SUSE). Of the Berkeley DB of before it is only said that it is there. */
export const rpm: PackageDatabase = {
  has: (path) => paths.has(path),
  read: (files) => folders.flatMap((folder) => readFolder(folder, files)),
}

function readFolder(folder: string, files: ReadonlyMap<ByteString, Buffer>): readonly InstalledPackage[] {
  const [database, log, own] = [sqlite, `${sqlite}-wal`, ndb].map((name) => files.get(`${folder}/${name}`))
  if (database !== undefined) return packagesOf(`${folder}/${sqlite}`, () => headersOfSqlite(database, log))
  if (own !== undefined) return packagesOf(`${folder}/${ndb}`, () => headersOfNdb(own))
  if (!files.has(`${folder}/${berkeley}`)) return []
  throw new IngotError(
    'unsupported',
    `/${folder}/${berkeley} is an rpm database in Berkeley DB, which Ingot cannot read`,
  )
}

function packagesOf(path: string, headers: () => Iterable<Buffer>): readonly InstalledPackage[] {
  try {
    const packages: InstalledPackage[] = []
    for (const header of headers()) {
      const found = packageOfHeader(header)
      if (found !== undefined) packages.push(found)
    }
    return packages
  } catch (error) {
    throw new IngotError('bad-input', `the rpm database /${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** What rpm makes, and nothing in its place that would compute when it is read. */
const tableOfHeaders =
  /^CREATE TABLE '?Packages'?\s*\(\s*hnum INTEGER PRIMARY KEY( AUTOINCREMENT)?,\s*blob BLOB( NOT NULL)?\s*\)$/

function* headersOfSqlite(file: Buffer, log: Buffer | undefined): Generator<Buffer> {
  const database = openSqliteImage(file, log)
  try {
    const table = database.prepare("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'Packages'").get()
    if (typeof table?.sql !== 'string' || !tableOfHeaders.test(table.sql))
      throw new Error('it has no table of packages')
    const state = database.prepare('PRAGMA quick_check(Packages)').get()
    if (state?.quick_check !== 'ok') throw new Error('it is damaged')
    for (const { blob } of database.prepare('SELECT blob FROM Packages ORDER BY hnum').iterate()) {
      yield blob instanceof Uint8Array ? Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength) : Buffer.alloc(0)
    }
  } finally {
    database.close()
  }
}
