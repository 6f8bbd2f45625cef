import { existsSync, renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { IngotError } from '../../image/error.ts'
import { migrations, newestVersion } from './migrations/registry.ts'
import type { CatalogTables } from './schema.ts'
import { catalogVersion, copySqlite, forKysely } from './sqlite.ts'

export type Catalog = Kysely<CatalogTables>

/** SQLite changes tables inside transactions, which Kysely does not say of it: a migration is done whole or not at all. */
class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true
      }
    })()
  }
}

/** The query builder on an open database, which it does not close. */
export function catalogOn(database: DatabaseSync, path: string): Catalog {
  return new Kysely<CatalogTables>({ dialect: new TransactionalDialect({ database: forKysely(database, path) }) })
}

/**
 * Brings a catalog to the newest version; the caller holds the store's lock. A copy of an older one is kept beside it.
 * Throws 'unsupported' for one that a newer Ingot made.
 */
export async function migrate(database: DatabaseSync, path: string): Promise<void> {
  const version = catalogVersion(database)
  if (version === newestVersion) return
  if (version > newestVersion) {
    throw new IngotError(
      'unsupported',
      `${path} was made by a newer Ingot (version ${version}, known are ${newestVersion})`,
      {
        hint: 'Use that Ingot, or another INGOT_HOME.',
      },
    )
  }
  if (version > 0) keepCopy(database, `${path}.version-${version}`)
  const migrator = new Migrator({
    db: catalogOn(database, path),
    provider: { getMigrations: async () => ({ ...migrations }) },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
  database.exec(`PRAGMA user_version = ${newestVersion}`)
}

function keepCopy(database: DatabaseSync, copy: string): void {
  if (existsSync(copy)) return
  const unfinished = `${copy}.tmp`
  rmSync(unfinished, { force: true })
  copySqlite(database, unfinished)
  renameSync(unfinished, copy)
}
