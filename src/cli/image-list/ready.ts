import { listedDigits } from '../../store/catalog/listing.ts'
import { type Cell, type Column, timeCell } from './columns.ts'
import type { SortOptions } from './sort.ts'

/** What SQLite gives for a cell, or to sort by. */
export type Value = string | number

/** How a column of a list is read from the catalog's rows of images, without making records of these. */
export interface ReadyColumn {
  /** SQLite's expression for the text of a cell, or for what `cell` makes it of. */
  readonly sql: string
  readonly cell?: (value: Value) => Cell
  /** What lists read has it, and has been looked at for what it is (store/catalog/listing.ts). */
  readonly isListed?: true
  /** The width of all cells, or SQLite's expression for that of one; the length where it is not said: of ASCII. */
  readonly width?: number | string
}

/** All columns of lists by their letters; their cells are those of columns.ts. */
export const readyColumns: Readonly<Record<string, ReadyColumn>> = {
  l: { sql: 'listed_alias', isListed: true, width: 'listed_alias_width' },
  L: { sql: '(SELECT json_group_array(name) FROM aliases WHERE image_id = images.id)', cell: namesCell },
  f: { sql: `substr(fingerprint, 1, ${listedDigits})`, isListed: true, width: listedDigits },
  F: { sql: 'fingerprint', isListed: true, width: 64 },
  p: { sql: yesNo('public'), isListed: true, width: 3 },
  d: { sql: 'description', isListed: true, width: 'listed_description_width' },
  a: { sql: 'architecture', isListed: true },
  t: { sql: 'upper(type)', isListed: true },
  s: { sql: 'listed_size', isListed: true },
  u: { sql: 'listed_date', isListed: true },
  o: { sql: "format || coalesce(' (' || variant || ')', '')" },
  c: { sql: givenTime('created_at'), cell: givenTimeCell },
  x: { sql: givenTime('expires_at'), cell: givenTimeCell },
  r: { sql: givenTime('last_used_at'), cell: givenTimeCell },
  U: { sql: yesNo('auto_update') },
  k: { sql: yesNo('cached') },
  S: { sql: `coalesce(source_protocol || ':' || ${oneMore('source_server')} || ${oneMore('source_alias')}, '')` },
}

/** What columns are sorted by that are not sorted by their cells' texts; '' is nothing. */
export const sortValues: Readonly<Record<string, string>> = {
  s: 'size',
  u: givenTime('uploaded_at'),
  c: givenTime('created_at'),
  x: givenTime('expires_at'),
  r: givenTime('last_used_at'),
}

/**
 * The order of sortImages, in SQLite's words, where the catalog has it ready: its `listed_key` is that of lists which begin with the alias
 * and the fingerprint, which no two images share.
 */
export function orderOf(columns: readonly Column[], { sortBy, reverse }: SortOptions): string | undefined {
  if (!/^l($|[fF])/.test(columns.map(({ letter }) => letter).join(''))) return undefined
  const last = reverse ? ' DESC' : ''
  if (sortBy === undefined) return reverse ? `listed_alias = '', listed_key${last}` : 'listed_key'
  const value = sortValues[sortBy]
  return value && `${value} = '', ${value}${last}, listed_key`
}

function yesNo(column: string): string {
  return `iif(${column}, 'yes', 'no')`
}

function oneMore(column: string): string {
  return `iif(${column} <> '', ' ' || ${column}, '')`
}

function givenTime(column: string): string {
  return `iif(${column} > 0, ${column}, '')`
}

function givenTimeCell(value: Value): Cell {
  return timeCell(value === '' ? undefined : Number(value))
}

function namesCell(value: Value): Cell {
  return (JSON.parse(String(value)) as string[]).sort()
}
