import type { DatabaseSync } from 'node:sqlite'
import type { Condition } from '../../store/catalog/condition.ts'
import { listings } from '../../store/catalog/listing.ts'
import type { Column } from './columns.ts'
import { orderOf, type ReadyColumn, readyColumns } from './ready.ts'
import type { SortOptions } from './sort.ts'
import { frameOf } from './table.ts'

/** A text of SQLite has at most 10^9 bytes, and this has no more than its bytes beside it in memory. */
const mostBytes = 100e6

/**
 * A list as SQLite prints it, in UTF-8. Undefined where there are no images, where it would not be the same as Ingot's, and where it is
 * very large.
 */
export function printRows(
  database: DatabaseSync,
  { sql, values }: Condition,
  columns: readonly Column[],
  form: 'table' | 'compact' | 'csv',
  sorting: SortOptions,
): Uint8Array | undefined {
  const order = orderOf(columns, sorting)
  const ready = columns.map(({ letter }) => readyColumns[letter]!)
  if (order === undefined || !ready.every(({ isListed }) => isListed)) return undefined

  const other = `SELECT 1 FROM images WHERE listed IS NOT ${listings.printable} AND (${sql}) LIMIT 1`
  if (database.prepare(other).get(...values)) return undefined
  const widest = ready.map((column) => `max(${widthOf(column)})`)
  const longest = ready.map((column) => `max(octet_length(${column.sql}))`)
  const facts = database.prepare(
    `SELECT count(*) AS images, ${longest.join(' + ')} AS bytes, json_array(${widest.join(', ')}) AS widths FROM images WHERE ${sql}`,
  )
  const { images, bytes, widths } = facts.get(...values) as { images: number; bytes: number; widths: string }
  const widestCells = JSON.parse(widths) as number[]
  const sized = columns.map(({ title }, i) => ({ title, width: Math.max(title.length, widestCells[i]!) }))
  const { head, start, between, end, rule } = form === 'csv' ? csvFrame : frameOf(form, sized)
  if (images === 0 || images * 2 * (bytes + 2 * head.length + 4 * columns.length) > mostBytes) return undefined

  const cells = ready.map((column, i) => {
    if (form === 'csv') return { format: '%s', value: quoted(`cell${i}`) }
    const { width } = sized[i]!
    // SQLite counts bytes.
    return typeof column.width === 'string'
      ? { format: '%s%*s', value: `cell${i}, ${width} - width${i}, ''` }
      : { format: `%-${width}s`, value: `cell${i}` }
  })
  const line = start + cells.map(({ format }) => format).join(between) + end + rule
  const read = ready.map((column, i) => `${column.sql} AS cell${i}, ${widthOf(column)} AS width${i}`)
  const rows = `SELECT ${read.join(', ')} FROM images WHERE ${sql} ORDER BY ${order}`
  const list = `SELECT CAST(? || group_concat(printf('${line}', ${cells.map(({ value }) => value).join(', ')}), '') AS BLOB) AS bytes FROM (${rows})`
  return database.prepare(list).get(head, ...values)?.bytes as Uint8Array
}

function widthOf({ sql, width = `length(${sql})` }: ReadyColumn): string {
  return String(width)
}

const csvFrame = { head: '', start: '', between: ',', end: '\n', rule: '' }

/** As renderCsv does it, of what is printable. */
function quoted(cell: string): string {
  const needed = `${cell} GLOB '*[,"]*' OR ${cell} GLOB ' *' OR ${cell} = '\\.'`
  return `iif(${needed}, '"' || replace(${cell}, '"', '""') || '"', ${cell})`
}
