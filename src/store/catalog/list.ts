import type { DatabaseSync } from 'node:sqlite'
import { always, type Condition } from './condition.ts'
import type { ImageAlias, ImageRecord } from './image-record.ts'
import { type ImageValues, imageColumns, recordOfValues } from './rows.ts'
import { explaining } from './sqlite.ts'

/**
 * All images, or those of a condition, without the query builder: loading that takes longer than listing 10,000 images
 * (docs/decisions/0009). One moment's state, in the order in which they came.
 */
export function listImages(database: DatabaseSync, which: Condition = always): readonly ImageRecord[] {
  return explaining(database.location() ?? 'catalog', () => {
    database.exec('BEGIN')
    try {
      // Rows as arrays take a third of the time that objects take.
      const query = database.prepare(`SELECT ${imageColumns.join(', ')}, id FROM images WHERE ${which.sql} ORDER BY id`)
      query.setReturnArrays(true)
      const rows = query.all(...which.values) as unknown as readonly ImageValues[]
      const idOf = (row: readonly unknown[]) => row[imageColumns.length] as number
      const aliases = aliasesOf(database, rows.map(idOf))
      return rows.map((row) => recordOfValues(row, aliases.get(idOf(row)) ?? none))
    } finally {
      database.exec('COMMIT')
    }
  })
}

const none: readonly ImageAlias[] = []

/** An image that expires; `expiresAt` in seconds since the epoch. */
export interface ExpiringImage {
  readonly fingerprint: string
  readonly expiresAt: number
  /** The first by name; null where there is none. */
  readonly alias: string | null
}

/** How many images of a condition expire after one time, and not after another; and the first few, in the order in which they came. */
export function expiringImages(
  database: DatabaseSync,
  which: Condition,
  after: number,
  until: number,
  most: number,
): { readonly images: number; readonly first: readonly ExpiringImage[] } {
  return explaining(database.location() ?? 'catalog', () => {
    const alias = '(SELECT min(name) FROM aliases WHERE image_id = images.id)'
    const rows = database
      .prepare(
        `SELECT fingerprint, expires_at AS expiresAt, ${alias} AS alias, count(*) OVER () AS images FROM images
         WHERE expires_at > ? AND expires_at <= ? AND (${which.sql}) ORDER BY id LIMIT ?`,
      )
      .all(after, until, ...which.values, most) as unknown as readonly (ExpiringImage & { readonly images: number })[]
    return { images: rows[0]?.images ?? 0, first: rows }
  })
}

/** The aliases, by their names, of the images with these ids; perhaps those of others, too. */
export function aliasesOf(database: DatabaseSync, ids: readonly number[]): ReadonlyMap<number, readonly ImageAlias[]> {
  // To look for each of many takes longer than to read all.
  const few = ids.length < 1000 ? [JSON.stringify(ids)] : []
  const which = few.length > 0 ? 'WHERE image_id IN (SELECT value FROM json_each(?))' : ''
  const query = database.prepare(`SELECT image_id, name, description FROM aliases ${which}`)
  query.setReturnArrays(true)
  const aliases = new Map<number, ImageAlias[]>()
  const several = new Set<ImageAlias[]>()
  for (const [id, name, description] of query.all(...few) as unknown as [number, string, string][]) {
    const list = aliases.get(id)
    if (list) {
      list.push({ name, description })
      several.add(list)
    } else aliases.set(id, [{ name, description }])
  }
  for (const list of several) list.sort((a, b) => (a.name < b.name ? -1 : 1))
  return aliases
}

/** A setting as it was set, undefined when it was not. */
export function listSetting(database: DatabaseSync, key: string): string | undefined {
  const read = () => database.prepare('SELECT value FROM settings WHERE key = ?').get(key)
  const row = explaining(database.location() ?? 'catalog', read)
  return row === undefined ? undefined : String(row.value)
}

/** Whether an alias stands for the image of this fingerprint. */
export function standsFor(database: DatabaseSync, alias: string, fingerprint: string): boolean {
  const sql = 'SELECT 1 FROM aliases JOIN images ON images.id = image_id WHERE name = ? AND fingerprint = ?'
  return explaining(database.location() ?? 'catalog', () => database.prepare(sql).get(alias, fingerprint)) !== undefined
}
