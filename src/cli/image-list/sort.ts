import { naturalKey } from '../../image/natural.ts'
import type { ImageRecord } from '../../store/catalog/image-record.ts'
import { type Column, findColumn, textOf } from './columns.ts'

export interface SortOptions {
  /** A column's letter; without it rows are sorted as lxc does, by the text of their cells from the first one on. */
  readonly sortBy?: string | undefined
  /** The last first. What has nothing to sort by stays last. */
  readonly reverse?: boolean | undefined
}

/** '' is nothing, and last. */
export type Key = string | number

/** What rows are sorted by. */
export interface Sorting<Row> {
  /** The texts of the cells, from the first one on. */
  readonly cells: readonly ((row: Row) => string)[]
  readonly fingerprint: (row: Row) => string
  /** What goes before them. */
  readonly chosen?: ((row: Row) => Key) | undefined
  readonly reverse?: boolean | undefined
}

interface SortKey<Row> {
  readonly of: (row: Row) => Key
  readonly reverse: boolean
}

/**
 * The images in the order of their rows: numbers in texts by their value, sizes and dates by theirs, empty cells last;
 * those equal in the chosen column in the order of their cells; and all equal ones by fingerprint. Throws 'usage' for an
 * unknown letter.
 */
export function sortImages(
  images: readonly ImageRecord[],
  columns: readonly Column[],
  { sortBy, reverse }: SortOptions = {},
): ImageRecord[] {
  const cells = columns.map((column) => (image: ImageRecord) => textOf(column.cell(image)))
  const chosen = sortBy === undefined ? undefined : keyOf(findColumn(sortBy))
  return sortRows(images, { cells, fingerprint: (image) => image.fingerprint, chosen, reverse })
}

/** The same of rows of any kind. */
export function sortRows<Row>(
  rows: readonly Row[],
  { cells, fingerprint, chosen, reverse = false }: Sorting<Row>,
): Row[] {
  const rowReverse = reverse && chosen === undefined
  const keys = cells.map((cell): SortKey<Row> => ({ of: (row) => naturalKey(cell(row)), reverse: rowReverse }))
  if (chosen) keys.unshift({ of: chosen, reverse })
  keys.push({ of: fingerprint, reverse: rowReverse })
  return sortByKeys(rows, keys)
}

/** By the first key, then those equal in it by the second, and so on: most images need but one key made. */
function sortByKeys<Row>(rows: readonly Row[], [key, ...others]: readonly SortKey<Row>[]): Row[] {
  if (key === undefined || rows.length < 2) return [...rows]
  const entries = rows.map((row) => ({ row, key: key.of(row) }))
  const filled = entries.filter((entry) => entry.key !== '')
  const less = key.reverse ? 1 : -1
  filled.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? less : -less))
  const sorted: Row[] = []
  for (let start = 0, end = 0; start < filled.length; start = end) {
    while (end < filled.length && filled[end]!.key === filled[start]!.key) end++
    if (end === start + 1) sorted.push(filled[start]!.row)
    else for (const each of sortByKeys(rowsOf(filled.slice(start, end)), others)) sorted.push(each)
  }
  const empty = rowsOf(entries.filter((entry) => entry.key === ''))
  return sorted.concat(sortByKeys(empty, others))
}

function rowsOf<Row>(entries: readonly { readonly row: Row }[]): Row[] {
  return entries.map(({ row }) => row)
}

function keyOf(column: Column): (image: ImageRecord) => Key {
  const { value, cell } = column
  return value ? (image) => value(image) ?? '' : (image) => naturalKey(textOf(cell(image)))
}
