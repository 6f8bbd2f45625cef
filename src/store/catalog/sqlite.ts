import { closeSync, fsyncSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { IngotError, ioError, messageOf } from '../../image/error.ts'
import { addFunctions } from './condition.ts'

/** How long a process waits for another one that is writing, ms. */
const patience = 60_000

/**
 * Opens an SQLite file for any number of processes at once; made, readable for its owner only, when it is not there. What is
 * committed is on disk. Throws 'corrupt' when it is no database or a broken one, 'io'.
 */
export function openSqlite(path: string): DatabaseSync {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    throw ioError(`open ${path}`, error)
  }
  return explaining(path, () => {
    const database = new DatabaseSync(path, { timeout: patience })
    database.exec(
      // Pages of a list of 10,000 images stay in memory while it is gone through twice.
      'PRAGMA cache_size = -16000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF',
    )
    addFunctions(database)
    return database
  })
}

/**
 * Writes a copy of a catalog, one moment's state, to a new file for its owner only; it is on the disk then. SQLite by itself does neither
 * (sqlite.org/lang_vacuum.html). Throws 'io', 'corrupt'.
 */
export function copySqlite(database: DatabaseSync, path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600)) // what is empty it takes as it is
    explaining(database.location() ?? 'catalog', () => database.prepare('VACUUM INTO ?').run(path))
    const file = openSync(path, 'r')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw error instanceof IngotError ? error : ioError(`write ${path}`, error)
  }
}

/** How many migrations a catalog has had; 0 for an empty file. */
export function catalogVersion(database: DatabaseSync): number {
  const read = () => database.prepare('PRAGMA user_version').get()
  return Number(explaining(database.location() ?? 'catalog', read)?.user_version ?? 0)
}

/** What Kysely wants of a database (better-sqlite3's interface), on node:sqlite. */
export function forKysely(database: DatabaseSync, path: string): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      // SQLite rolls back by itself when the disk is full; the error that counts came before.
      if (sql === 'rollback' && !database.isTransaction) return nothing
      const statement = explaining(path, () => database.prepare(sql))
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => explaining(path, () => statement.all(...values(parameters))),
        run: (parameters) => explaining(path, () => statement.run(...values(parameters))),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      }
    },
  }
}

const nothing: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

type Meaning = readonly [code: 'corrupt' | 'io', text: string]
const damaged: Meaning = ['corrupt', 'it is damaged']

/** SQLite's primary result codes (sqlite.org/rescode.html) that are no fault of ours. */
const known: Readonly<Record<number, Meaning>> = {
  5: ['io', 'another process keeps it locked'],
  8: ['io', 'it cannot be written to'],
  10: ['io', 'it cannot be read or written'],
  11: damaged,
  13: ['io', 'no space left on the device'],
  14: ['io', 'it cannot be opened'],
  26: ['corrupt', 'it is no database'],
}

/** Does something with a database and says what SQLite's errors mean. */
export function explaining<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const found = meaningOf(error)
    if (!found) throw error
    const [code, text] = found
    const hint = code === 'corrupt' ? { hint: 'Try `ingot store repair`.' } : {}
    throw new IngotError(code, `the catalog ${path}: ${text} (${messageOf(error)})`, { cause: error, ...hint })
  }
}

function meaningOf(error: unknown): Meaning | undefined {
  if (!(error instanceof Error)) return undefined
  // A number that no image can have.
  if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') return damaged
  if (!('errcode' in error) || typeof error.errcode !== 'number') return undefined
  if (/^(no such (table|column)|malformed)/.test(error.message)) return damaged
  return known[error.errcode & 0xff]
}
