import type { ImageRecord } from '../../store/catalog/image-record.ts'
import { defaultColumns, parseColumns, textOf } from './columns.ts'
import { renderCsv } from './csv.ts'
import { imageObject } from './image-object.ts'
import { type SortOptions, sortImages } from './sort.ts'
import { renderBoxed, renderCompact, type TableColumn } from './table.ts'

/** The forms of `lxc image list -f`. */
export const listFormats = ['table', 'compact', 'csv', 'json', 'yaml'] as const
export type ListFormat = (typeof listFormats)[number]

export interface ListOptions extends SortOptions {
  /** `table` when not given. */
  readonly format?: ListFormat | undefined
  /** Letters of `-c`, `lfpdatsu` when not given; json and yaml have all there is, but are sorted by them too. */
  readonly columns?: string | undefined
}

/**
 * What `ingot image list` prints of these images, all of it. Only table and compact are meant for a terminal: there
 * control characters are escaped; the other forms hold the data as they are. Throws 'usage' for an unknown column.
 */
export async function renderImages(images: readonly ImageRecord[], options: ListOptions = {}): Promise<string> {
  const columns = parseColumns(options.columns ?? defaultColumns)
  const sorted = sortImages(images, columns, options)
  const { format = 'table' } = options
  if (format === 'json') return `${JSON.stringify(sorted.map(imageObject), null, 2)}\n`
  if (format === 'yaml') return renderYaml(sorted.map(imageObject))
  return renderCells(
    columns.map(({ title, cell, plain }) => ({ title, plain, cells: sorted.map(cell) })),
    format,
  )
}

/** The forms that have columns. */
export function renderCells(columns: readonly TableColumn[], format: 'table' | 'compact' | 'csv'): string {
  if (format === 'table') return renderBoxed(columns)
  if (format === 'compact') return renderCompact(columns)
  const rows = columns[0]?.cells.map((_, row) => columns.map(({ cells }) => textOf(cells[row]!))) ?? []
  return renderCsv(rows)
}

async function renderYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  // lxc's readers take YAML 1.1, where more words must be quoted than in 1.2: yes, no, on, 1_000.
  return stringify(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1', lineWidth: 0 })
}
