import type { DatabaseSync } from 'node:sqlite'
import { BriefRecord, type BriefValues, briefColumns, type PropertiesRead, propertiesColumns } from './brief-record.ts'
import type { ImageAlias, ImageRecord } from './image-record.ts'
import { type ImageValues, imageColumns, propertiesOf, recordOfValues } from './rows.ts'
import { explaining } from './sqlite.ts'

/**
 * All images, without the query builder: loading that takes longer than listing 10,000 images (docs/decisions/0009). One moment's
 * state, in the order in which they came.
 */
export function listImages(database: DatabaseSync): readonly ImageRecord[] {
  return readImages(database, imageColumns, (row, aliases) => recordOfValues(row as unknown as ImageValues, aliases))
}

/** The same as brief records. */
export function listBriefly(database: DatabaseSync, properties: PropertiesRead): readonly ImageRecord[] {
  return readImages(database, [...briefColumns, propertiesColumns[properties]], (row, aliases) => {
    const text = row[briefColumns.length] as string | null
    return new BriefRecord(row as unknown as BriefValues, aliases, properties, text)
  })
}

function readImages(
  database: DatabaseSync,
  columns: readonly string[],
  make: (row: readonly unknown[], aliases: readonly ImageAlias[]) => ImageRecord,
): readonly ImageRecord[] {
  return explaining(database.location() ?? 'catalog', () => {
    database.exec('BEGIN')
    try {
      const aliases = aliasesByImage(database)
      // Rows as arrays take a third of the time that objects take.
      const query = database.prepare(`SELECT ${columns.join(', ')}, id FROM images ORDER BY id`)
      query.setReturnArrays(true)
      const rows = query.all() as unknown as readonly unknown[][]
      return rows.map((row) => make(row, aliases.get(row[columns.length] as number) ?? none))
    } finally {
      database.exec('COMMIT')
    }
  })
}

const none: readonly ImageAlias[] = []

/** Whether an image expires after one time, and not after another; seconds since the epoch. */
export function expireBetween(database: DatabaseSync, after: number, until: number): boolean {
  const sql = 'SELECT 1 FROM images WHERE expires_at > ? AND expires_at <= ? LIMIT 1'
  return explaining(database.location() ?? 'catalog', () => database.prepare(sql).get(after, until)) !== undefined
}

/** Images whose properties match, by their rows' numbers; all of `values` are values of properties of each. Throws 'corrupt'. */
export function findByProperties(
  database: DatabaseSync,
  values: readonly string[],
  matches: (image: Pick<ImageRecord, 'properties'>) => boolean,
): readonly number[] {
  return explaining(database.location() ?? 'catalog', () => {
    const mayMatch = values.map(() => 'instr(properties, ?)').join(' AND ') || 'TRUE'
    const query = database.prepare(`SELECT id, fingerprint, properties FROM images WHERE ${mayMatch}`)
    query.setReturnArrays(true)
    const rows = query.all(...values.map((value) => JSON.stringify(value))) as unknown as [number, string, string][]
    return rows
      .filter(([, fingerprint, text]) => matches({ properties: propertiesOf(text, fingerprint) }))
      .map(([id]) => id)
  })
}

/** Each image's aliases by their names. `where`: of which. */
export function aliasesByImage(database: DatabaseSync, where = ''): ReadonlyMap<number, readonly ImageAlias[]> {
  const query = database.prepare(`SELECT image_id, name, description FROM aliases ${where}`)
  query.setReturnArrays(true)
  const aliases = new Map<number, ImageAlias[]>()
  const several = new Set<ImageAlias[]>()
  for (const [id, name, description] of query.all() as unknown as [number, string, string][]) {
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
