import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { newestVersion } from './migrations/registry.ts'
import { catalogVersion, openSqlite } from './sqlite.ts'

/**
 * Looks into the catalog of a home, for what must come quickly: loads nothing that is not needed for that. A store that is not
 * there yet, or of an older version, or in trouble, is opened as openStore does first. Throws as that.
 */
export async function readCatalog<T>(home: string, look: (database: DatabaseSync) => T | Promise<T>): Promise<T> {
  const database = openNewest(join(home, 'catalog.db'))
  if (database === undefined) {
    const { openStore } = await import('../store.ts')
    const store = await openStore(home)
    try {
      return await look(store.database)
    } finally {
      store.close()
    }
  }
  try {
    return await look(database)
  } finally {
    database.close()
  }
}

function openNewest(path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined
  let database: DatabaseSync
  try {
    database = openSqlite(path)
  } catch {
    return undefined // openStore tells what is wrong, and can do something about a full disk.
  }
  if (catalogVersion(database) === newestVersion) return database
  database.close()
  return undefined
}
