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
type Key = string | number

interface SortKey {
  readonly of: (image: ImageRecord) => Key
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
  { sortBy, reverse = false }: SortOptions = {},
): ImageRecord[] {
  const chosen = sortBy === undefined ? undefined : findColumn(sortBy)
  const rowReverse = reverse && chosen === undefined
  const keys: SortKey[] = columns.map((column) => ({ of: textKey(column), reverse: rowReverse }))
  if (chosen) keys.unshift({ of: valueKey(chosen), reverse })
  keys.push({ of: (image) => image.fingerprint, reverse: rowReverse })
  return sortByKeys(images, keys)
}

/** By the first key, then those equal in it by the second, and so on: most images need but one key made. */
function sortByKeys(images: readonly ImageRecord[], [key, ...others]: readonly SortKey[]): ImageRecord[] {
  if (key === undefined || images.length < 2) return [...images]
  const entries = images.map((image) => ({ image, key: key.of(image) }))
  const filled = entries.filter((entry) => entry.key !== '')
  const less = key.reverse ? 1 : -1
  filled.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? less : -less))
  const sorted: ImageRecord[] = []
  for (let start = 0, end = 0; start < filled.length; start = end) {
    while (end < filled.length && filled[end]!.key === filled[start]!.key) end++
    if (end === start + 1) sorted.push(filled[start]!.image)
    else for (const each of sortByKeys(imagesOf(filled.slice(start, end)), others)) sorted.push(each)
  }
  const empty = imagesOf(entries.filter((entry) => entry.key === ''))
  return sorted.concat(sortByKeys(empty, others))
}

function imagesOf(entries: readonly { readonly image: ImageRecord }[]): ImageRecord[] {
  return entries.map(({ image }) => image)
}

function textKey(column: Column): SortKey['of'] {
  return (image) => naturalKey(textOf(column.cell(image)))
}

function valueKey(column: Column): SortKey['of'] {
  const { value } = column
  return value ? (image) => value(image) ?? '' : textKey(column)
}
