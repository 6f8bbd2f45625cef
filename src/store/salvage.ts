import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { syncFolder } from '../host/durable.ts'
import { withFolderLock } from '../host/lock.ts'
import { IngotError, ioError } from '../image/error.ts'
import { refreshListing } from './catalog/listing.ts'
import { fillDescriptions } from './catalog/migrations/0002-description.ts'
import { newestVersion } from './catalog/migrations/registry.ts'
import { migrate } from './catalog/open.ts'
import { type ImageRow, recordOf } from './catalog/rows.ts'
import { catalogVersion, openSqlite } from './catalog/sqlite.ts'
import { storeFolders } from './store.ts'

export interface Salvaged {
  /** Images that the new catalog has. */
  readonly images: number
  /** Images of which something could be read, but not all that they need. */
  readonly lost: readonly string[]
  /** Where the damaged catalog is kept. */
  readonly damaged: string
}

/** Those whose rows stand for themselves come first. Renditions other than what came in are left out: they can be made again. */
const tables = ['settings', 'images', 'aliases', 'renditions', 'rendition_files'] as const

/**
 * Makes a new catalog of what can be read of one that SQLite finds damaged, and keeps the damaged one beside it; undefined, and nothing
 * done, when it is not damaged. An image whose files are not all known any more is left out; its blobs stay. Processes that have the
 * store open must open it again before they can change it. Throws 'io', and 'unsupported' for one that a newer Ingot made.
 */
export async function salvageCatalog(home: string): Promise<Salvaged | undefined> {
  const { blobs, catalog } = storeFolders(home)
  if (!existsSync(catalog) || !existsSync(blobs)) return undefined
  return await withFolderLock(blobs, async () => {
    if (isWhole(catalog)) return undefined
    const unfinished = `${catalog}.salvaged.tmp`
    removeDatabase(unfinished)
    try {
      const kept = await makeFresh(catalog, unfinished)
      return { ...kept, damaged: await replace(catalog, unfinished) }
    } finally {
      removeDatabase(unfinished)
    }
  })
}

/** Writes a catalog of what can be read of a damaged one. */
async function makeFresh(damaged: string, path: string): Promise<Omit<Salvaged, 'damaged'>> {
  const fresh = openSqlite(path)
  try {
    await migrate(fresh, path)
    fresh.exec('PRAGMA foreign_keys = OFF')
    copyReadable(damaged, fresh)
    fresh.exec(fillDescriptions)
    const kept = dropIncomplete(fresh)
    fresh.exec('UPDATE images SET listed = NULL')
    refreshListing(fresh)
    fresh.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return kept
  } finally {
    fresh.close()
  }
}

/** By its own pages; what it says is for checkStore. */
function isWhole(path: string): boolean {
  let database: DatabaseSync | undefined
  try {
    database = openSqlite(path)
    if (catalogVersion(database) > newestVersion) return true // openStore says so
    const [first] = database.prepare('PRAGMA integrity_check(1)').all()
    return first?.integrity_check === 'ok'
  } catch (error) {
    if (error instanceof IngotError && error.code === 'io') throw error
    return false
  } finally {
    database?.close()
  }
}

function copyReadable(from: string, fresh: DatabaseSync): void {
  let damaged: DatabaseSync
  try {
    damaged = new DatabaseSync(from, { readOnly: true })
  } catch {
    return
  }
  try {
    for (const table of tables) copyTable(damaged, fresh, table)
  } finally {
    damaged.close()
  }
}

/** From the first row on as far as it can be read, and from the last row back; by the table itself, as indexes may be what is damaged. */
function copyTable(damaged: DatabaseSync, fresh: DatabaseSync, table: string): void {
  const known = columnsOf(damaged, table)
  // An older version has fewer.
  const columns = columnsOf(fresh, table).filter((name) => known.length === 0 || known.includes(name))
  const places = columns.map(() => '?').join(', ')
  const insert = fresh.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${places})`)
  for (const order of ['ASC', 'DESC']) {
    try {
      const rows = damaged.prepare(`SELECT ${columns.join(', ')} FROM ${table} NOT INDEXED ORDER BY rowid ${order}`)
      rows.setReturnArrays(true)
      for (const row of rows.iterate()) insert.run(...(row as unknown as SQLInputValue[]))
    } catch {
      // As far as it goes: what is missing is found by what it belongs to.
    }
  }
}

/** None where that cannot be read. */
function columnsOf(database: DatabaseSync, table: string): readonly string[] {
  try {
    return database
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map((column) => String(column.name))
  } catch {
    return []
  }
}

/** Takes out what is not whole. */
function dropIncomplete(fresh: DatabaseSync): Omit<Salvaged, 'damaged'> {
  const lost: string[] = []
  const files = fresh.prepare(
    `SELECT count(*) AS count, max(position) AS last, sum(rendition_files.size) AS size FROM rendition_files
     JOIN renditions ON renditions.id = rendition_id WHERE image_id = ? AND key = 'primary'`,
  )
  const remove = fresh.prepare('DELETE FROM images WHERE id = ?')
  let images = 0
  fresh.exec('PRAGMA foreign_keys = ON; BEGIN')
  fresh.exec("DELETE FROM renditions WHERE key != 'primary'")
  for (const row of fresh.prepare('SELECT * FROM images').all() as unknown as ImageRow[]) {
    const { count, last, size } = files.get(row.id) as { count: number; last: number | null; size: number | null }
    if (isRecord(row) && count > 0 && last === count - 1 && size === row.size) images++
    else {
      lost.push(row.fingerprint)
      remove.run(row.id)
    }
  }
  fresh.exec(`
    DELETE FROM renditions WHERE image_id NOT IN (SELECT id FROM images);
    DELETE FROM rendition_files WHERE rendition_id NOT IN (SELECT id FROM renditions);
    DELETE FROM aliases WHERE image_id NOT IN (SELECT id FROM images);
    COMMIT`)
  return { images, lost }
}

function isRecord(row: ImageRow): boolean {
  try {
    recordOf(row, [])
    return true
  } catch {
    return false
  }
}

/** Puts the new catalog in place in one step; the old one has another name before that. */
async function replace(catalog: string, unfinished: string): Promise<string> {
  let damaged = ''
  for (let n = 1; damaged === '' || existsSync(damaged); n++) damaged = `${catalog}.damaged-${n}`
  try {
    linkSync(catalog, damaged)
    // A log of the old catalog would be taken for one of the new.
    for (const tail of ['-wal', '-shm']) {
      if (existsSync(catalog + tail)) renameSync(catalog + tail, damaged + tail)
    }
    renameSync(unfinished, catalog)
    await syncFolder(catalog.slice(0, catalog.lastIndexOf('/')))
  } catch (error) {
    throw ioError(`replace ${catalog}`, error)
  }
  return damaged
}

function removeDatabase(path: string): void {
  for (const tail of ['', '-wal', '-shm']) rmSync(path + tail, { force: true })
}
