import type { DatabaseSync } from 'node:sqlite'
import { naturalKey } from '../../image/natural.ts'
import { architectures } from '../../image/platform.ts'
import { sizeText } from '../../image/size-text.ts'
import { columnTime, isGiven } from '../../image/time-text.ts'
import { aliasesByImage } from './list.ts'

/** What a list shows of an image's aliases: the first of the shortest in bytes, as lxc counts, and how many more there are. */
export function listedAlias(aliases: readonly { readonly name: string }[]): string {
  if (aliases.length < 2) return aliases[0]?.name ?? ''
  let shortest = aliases[0]!.name
  let length = Buffer.byteLength(shortest)
  for (const { name } of aliases) {
    const other = Buffer.byteLength(name)
    if (other < length) [shortest, length] = [name, other]
  }
  return `${shortest} (${aliases.length - 1} more)`
}

/** So many digits of its fingerprint does a list show of an image. */
export const listedDigits = 12

/**
 * Brings what lists show and sort by up to date where it has changed (migrations/0003-listing.ts): `listed` becomes 1, or 0 where SQLite
 * cannot print the image's row as Ingot would. The caller holds the store's lock.
 */
export function refreshListing(database: DatabaseSync): void {
  const columns = 'id, fingerprint, type, architecture, size, uploaded_at, description'
  const rows = database.prepare(`SELECT ${columns} FROM images WHERE listed IS NULL`).all()
  if (rows.length === 0) return
  const aliases = aliasesByImage(database, 'WHERE image_id IN (SELECT id FROM images WHERE listed IS NULL)')
  // It need not outlive a power cut: what is marked is made again.
  database.exec('PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE')
  try {
    const update = database.prepare(
      'UPDATE images SET listed = ?, listed_alias = ?, listed_size = ?, listed_date = ?, listed_key = ? WHERE id = ?',
    )
    for (const { id, ...row } of rows) {
      const alias = listedAlias(aliases.get(Number(id)) ?? [])
      const uploaded = Number(row.uploaded_at)
      const date = isGiven(uploaded) ? columnTime(uploaded) : ''
      const key = sortKey(alias, String(row.fingerprint))
      update.run(isPlain(alias, row) ? 1 : 0, alias, sizeText(Number(row.size)), date, key, id!)
    }
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  } finally {
    database.exec('PRAGMA synchronous = FULL')
  }
}

/** Texts of ASCII without control characters, and nothing that is damaged or unheard of. */
function isPlain(alias: string, row: Readonly<Record<string, unknown>>): boolean {
  const { fingerprint, type, architecture, size, uploaded_at: uploaded, description } = row
  return (
    /^[0-9a-f]{64}$/.test(String(fingerprint)) &&
    (type === 'container' || type === 'virtual-machine') &&
    architectures.some((name) => name === architecture) &&
    typeof size === 'number' &&
    typeof uploaded === 'number' &&
    typeof description === 'string' &&
    /^[ -~]*$/.test(alias + description)
  )
}

/** By the alias, those without one last, then by the fingerprint: the order of cli/image-list/sort.ts, for aliases of ASCII. */
function sortKey(alias: string, fingerprint: string): Buffer {
  const first = alias === '' ? Buffer.from([0xff]) : Buffer.from(`${naturalKey(alias)}\0\0`)
  return Buffer.concat([first, Buffer.from(naturalKey(fingerprint.slice(0, listedDigits)))])
}
