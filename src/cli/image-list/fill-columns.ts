import type { DatabaseSync } from 'node:sqlite'
import { naturalKey } from '../../image/natural.ts'
import type { Condition } from '../../store/catalog/condition.ts'
import { listings } from '../../store/catalog/listing.ts'
import { type Cell, type Column, textOf } from './columns.ts'
import { orderOf, type ReadyColumn, readyColumns, sortValues, type Value } from './ready.ts'
import { type Key, type SortOptions, sortRows } from './sort.ts'
import type { TableColumn } from './table.ts'

/** The columns of a list with its rows in order. Undefined where one of the images is not up to date in what is listed, or damaged. */
export function fillColumns(
  database: DatabaseSync,
  which: Condition,
  columns: readonly Column[],
  { sortBy, reverse }: SortOptions,
): readonly TableColumn[] | undefined {
  const order = orderOf(columns, { sortBy, reverse })
  const ready = columns.map(({ letter }) => readyColumns[letter]!)
  const sortedBy = order ? [] : [{ sql: 'fingerprint' }, ...(sortBy === undefined ? [] : [sortValueOf(sortBy)])]
  const asked = [{ sql: 'listed' }, ...ready, ...sortedBy]
  const [listed, ...read] = readColumns(database, which, asked, order)
  if (listed!.some((listing) => listing === null || listing === listings.none)) return undefined
  const filled = columns.map(({ title, plain }, i) => ({ title, plain, cells: read[i] as readonly Cell[] }))
  if (order) return filled
  const [fingerprints, chosen] = read.slice(columns.length)
  const rows = sortRows(
    listed!.map((_, row) => row),
    {
      cells: filled.map(
        ({ cells }) =>
          (row: number) =>
            textOf(cells[row]!),
      ),
      fingerprint: (row) => fingerprints![row] as string,
      chosen: chosen && ((row) => keyOf(chosen[row]!)),
      reverse,
    },
  )
  return filled.map((column) => ({ ...column, cells: rows.map((row) => column.cells[row]!) }))
}

function sortValueOf(letter: string): ReadyColumn {
  const sql = sortValues[letter]
  return sql === undefined ? readyColumns[letter]! : { sql }
}

function keyOf(value: Value | Cell): Key {
  return typeof value === 'number' ? value : naturalKey(textOf(value))
}

/** The cells column by column, each as one JSON text: as values of their own they take twice the time. */
function readColumns(
  database: DatabaseSync,
  { sql, values }: Condition,
  columns: readonly ReadyColumn[],
  order = 'id',
): readonly (readonly (Value | Cell)[])[] {
  const named = columns.map((column, i) => `${column.sql} AS cell${i}`)
  const arrays = columns.map((_, i) => `json_group_array(cell${i})`)
  const query = database.prepare(
    `SELECT ${arrays.join(', ')} FROM (SELECT ${named.join(', ')} FROM images WHERE ${sql} ORDER BY ${order})`,
  )
  query.setReturnArrays(true)
  const texts = query.get(...values) as unknown as readonly string[]
  return columns.map(({ cell }, i) => {
    const read = JSON.parse(texts[i]!) as readonly Value[]
    return cell ? read.map(cell) : read
  })
}
