import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { withFolderLock } from '../host/lock.ts'
import { IngotError, ioError } from '../image/error.ts'
import { fileBlobs } from './blobs/files.ts'
import type { BlobDriver } from './blobs/types.ts'
import { newestVersion } from './catalog/migrations/registry.ts'
import type { Catalog } from './catalog/open.ts'
import { catalogVersion, openSqlite } from './catalog/sqlite.ts'
import { keepReserve, useReserve } from './reserve.ts'

/** An image store, in which any number of processes may work at once. */
export interface Store {
  /** `$INGOT_HOME`. */
  readonly path: string
  readonly blobs: BlobDriver
  /** The catalog's connection, for reading what must come quickly. */
  readonly database: DatabaseSync
  /** The catalog with its query builder, which takes a while to load. Change it inside `exclusively` only. */
  catalog(): Promise<Catalog>
  /**
   * Does what changes the store, alone among all processes; readers go on. What killed processes have left is brought in order
   * first. Not re-entrant.
   */
  exclusively<T>(work: (catalog: Catalog) => Promise<T>): Promise<T>
  close(): void
}

function openCatalog(home: string, path: string): DatabaseSync {
  try {
    const database = openSqlite(path)
    keepReserve(home)
    return database
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'io') throw error
    useReserve(home, 'open') // perhaps the disk is full
    return openSqlite(path)
  }
}

/** The folders of a home that the store uses. */
export function storeFolders(path: string): {
  readonly blobs: string
  readonly temporary: string
  readonly catalog: string
} {
  return { blobs: join(path, 'blobs', 'sha256'), temporary: join(path, 'tmp'), catalog: join(path, 'catalog.db') }
}

/**
 * Opens the store of a home; makes an empty one where there is none, and brings an older one's catalog up to date.
 * Throws 'io', 'corrupt', and 'unsupported' for one that a newer Ingot made.
 */
export async function openStore(path: string): Promise<Store> {
  const folders = storeFolders(path)
  await makeFolders(path, folders.blobs, folders.temporary)
  const database = openCatalog(path, folders.catalog)
  const opened = inodeOf(folders.catalog)
  const blobs = fileBlobs(folders.blobs, folders.temporary)
  let loaded: Promise<Catalog> | undefined
  const catalog = () => {
    loaded ??= import('./catalog/open.ts').then(({ catalogOn }) => catalogOn(database, folders.catalog))
    return loaded
  }
  try {
    if (catalogVersion(database) !== newestVersion) {
      const { migrate } = await import('./catalog/open.ts')
      await withFolderLock(folders.blobs, async () => {
        await migrate(database, folders.catalog)
        await refresh(database)
      })
    }
  } catch (error) {
    database.close()
    throw error
  }
  return {
    path,
    blobs,
    database,
    catalog,
    async exclusively(work) {
      const [tables, { settle }] = await Promise.all([catalog(), import('./unsettled.ts')])
      return await withFolderLock(folders.blobs, async () => {
        // What is written to a catalog that is not the store's any more would be lost.
        if (inodeOf(folders.catalog) !== opened) throw moved(path)
        await settle(tables, blobs)
        const done = await work(tables)
        await refresh(database)
        return done
      })
    },
    close: () => database.close(),
  }
}

/** Lists show the same without it, later. */
async function refresh(database: DatabaseSync): Promise<void> {
  const { refreshListing } = await import('./catalog/listing.ts')
  try {
    refreshListing(database)
  } catch {
    // What was done is done, and the next change tries it again: the disk may be full.
  }
}

function inodeOf(path: string): string {
  const { dev, ino } = statSync(path)
  return `${dev}:${ino}`
}

function moved(path: string): IngotError {
  return new IngotError('io', `the store in ${path} was moved or replaced meanwhile`, { hint: 'Try again.' })
}

async function makeFolders(path: string, ...folders: readonly string[]): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o755 })
    for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw ioError(`create the store in ${path}`, error)
  }
}
