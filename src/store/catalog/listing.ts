import type { DatabaseSync } from 'node:sqlite'
import { displayWidth } from '../../image/display-width.ts'
import { naturalKey } from '../../image/natural.ts'
import { architectures } from '../../image/platform.ts'
import { sizeText } from '../../image/size-text.ts'
import { columnTime, isGiven } from '../../image/time-text.ts'
import { isVisible } from '../../image/visible.ts'
import { aliasesOf } from './list.ts'

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

/** What `listed` says of the texts that are ready for an image. Null: they are not up to date. */
export const listings = {
  /** It is damaged: there are none. */
  none: 0,
  /** SQLite can print them: nothing in them has to be escaped, and their widths are known. */
  printable: 1,
  /** They are for Ingot to print. */
  other: 2,
} as const

/**
 * Brings what lists show and sort by up to date where it has changed (migrations/0003-listing.ts). The caller holds the store's lock.
 */
export function refreshListing(database: DatabaseSync): void {
  const columns = 'id, fingerprint, type, architecture, size, uploaded_at, description'
  const rows = database.prepare(`SELECT ${columns} FROM images WHERE listed IS NULL`).all()
  if (rows.length === 0) return
  const aliases = aliasesOf(
    database,
    rows.map(({ id }) => Number(id)),
  )
  // It need not outlive a power cut: what is marked is made again.
  database.exec('PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE')
  try {
    const update = database.prepare(
      `UPDATE images SET listed = ?, listed_alias = ?, listed_alias_width = ?, listed_description_width = ?,
         listed_size = ?, listed_date = ?, listed_key = ? WHERE id = ?`,
    )
    for (const { id, ...row } of rows) {
      const alias = listedAlias(aliases.get(Number(id)) ?? [])
      const uploaded = Number(row.uploaded_at)
      const date = isGiven(uploaded) ? columnTime(uploaded) : ''
      const widths = [displayWidth(alias), displayWidth(String(row.description))]
      const key = sortKey(alias, String(row.fingerprint))
      update.run(listingOf(alias, row), alias, ...widths, sizeText(Number(row.size)), date, key, id!)
    }
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  } finally {
    database.exec('PRAGMA synchronous = FULL')
  }
}

function listingOf(alias: string, row: Readonly<Record<string, unknown>>): number {
  const { fingerprint, type, architecture, size, uploaded_at: uploaded, description } = row
  const isWhole =
    /^[0-9a-f]{64}$/.test(String(fingerprint)) &&
    (type === 'container' || type === 'virtual-machine') &&
    architectures.some((name) => name === architecture) &&
    typeof size === 'number' &&
    typeof uploaded === 'number' &&
    typeof description === 'string'
  if (!isWhole) return listings.none
  return [alias, description].every(isPrintable) ? listings.printable : listings.other
}

/** CSV quotes what begins with white space, of which SQLite knows only the blank. */
function isPrintable(text: string): boolean {
  return isVisible(text) && !/^(?! )\s/.test(text)
}

/** By the alias, those without one last, then by the fingerprint: the order of cli/image-list/sort.ts. */
function sortKey(alias: string, fingerprint: string): Buffer {
  const first = alias === '' ? Buffer.from([0xff]) : Buffer.from(`${naturalKey(alias)}\0\0`)
  return Buffer.concat([first, Buffer.from(naturalKey(fingerprint.slice(0, listedDigits)))])
}
