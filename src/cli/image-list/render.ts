import type { ImageRecord } from '../../store/catalog/image-record.ts'
import { defaultColumns, parseColumns, textOf } from './columns.ts'
import { renderCsv } from './csv.ts'
import { imageObject } from './image-object.ts'
import { type SortOptions, sortImages } from './sort.ts'
import { renderBoxed, renderCompact } from './table.ts'

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
  const filled = () => columns.map(({ title, cell, plain = false }) => ({ title, plain, cells: sorted.map(cell) }))
  switch (options.format ?? 'table') {
    case 'table':
      return renderBoxed(filled())
    case 'compact':
      return renderCompact(filled())
    case 'csv':
      return renderCsv(sorted.map((image) => columns.map(({ cell }) => textOf(cell(image)))))
    case 'json':
      return `${JSON.stringify(sorted.map(imageObject), null, 2)}\n`
    case 'yaml':
      return renderYaml(sorted.map(imageObject))
  }
}

/** Whether brief records are enough for these options. Throws as renderImages. */
export function isBriefList({ format = 'table', columns = defaultColumns, sortBy = '' }: ListOptions): boolean {
  if (format === 'json' || format === 'yaml') return false
  return !parseColumns(columns + sortBy).some((column) => column.beyondBrief)
}

async function renderYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  // lxc's readers take YAML 1.1, where more words must be quoted than in 1.2: yes, no, on, 1_000.
  return stringify(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1', lineWidth: 0 })
}
