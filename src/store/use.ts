import type { DatabaseSync } from 'node:sqlite'
import { IngotError } from '../image/error.ts'
import { explaining } from './catalog/sqlite.ts'

/** Seconds in which a second use is not noted: what is used all the time need not be written all the time. */
const soon = 60

/**
 * Notes that an image is used now, and one of its renditions when that is named: what is not used goes after a time
 * (lifecycle/prune.ts). It takes no lock, and no use fails because it cannot be written, on a full disk for instance. Throws 'corrupt'.
 */
export function noteUse(database: DatabaseSync, image: number, rendition?: string): void {
  const now = Math.floor(Date.now() / 1000)
  try {
    explaining(database.location() ?? 'catalog', () => {
      note(database, 'images', 'id = ?', [image], now)
      if (rendition !== undefined) note(database, 'renditions', 'image_id = ? AND key = ?', [image, rendition], now)
    })
  } catch (error) {
    // Then it is noted with the next use.
    if (!(error instanceof IngotError && error.code === 'io')) throw error
  }
}

function note(
  database: DatabaseSync,
  table: 'images' | 'renditions',
  which: string,
  values: readonly (string | number)[],
  now: number,
): void {
  const isDue = `coalesce(last_used_at, 0) NOT BETWEEN ? AND ?`
  const times = [now - soon, now]
  // Asking first spares waiting for whoever is writing.
  const due = database.prepare(`SELECT 1 FROM ${table} WHERE ${which} AND ${isDue}`).get(...values, ...times)
  if (due) database.prepare(`UPDATE ${table} SET last_used_at = ? WHERE ${which}`).run(now, ...values)
}
