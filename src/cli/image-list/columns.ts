import { IngotError } from '../../image/error.ts'
import { sizeText } from '../../image/size-text.ts'
import { columnTime, isGiven } from '../../image/time-text.ts'
import type { ImageRecord, ImageSource } from '../../store/catalog/image-record.ts'
import { listedAlias, listedDigits } from '../../store/catalog/listing.ts'

/** A cell's text; several lines one below the other where it is a list. */
export type Cell = string | readonly string[]

export interface Column {
  readonly letter: string
  readonly title: string
  /** For the help of `-c`. */
  readonly about: string
  /** Empty when the image has nothing to say. */
  readonly cell: (image: ImageRecord) => Cell
  /** Its texts are made here, of ASCII without control characters. */
  readonly plain?: true
  /** What to sort by where the text would mislead; undefined sorts last. */
  readonly value?: (image: ImageRecord) => number | undefined
}

/** The columns of `lxc image list` (LXD 5) with its titles and texts, then Ingot's own. `e` is left free: Incus' project. */
export const imageColumns: readonly Column[] = [
  {
    letter: 'l',
    title: 'ALIAS',
    about: 'Shortest alias, and how many more there are',
    cell: (image) => listedAlias(image.aliases),
  },
  {
    letter: 'L',
    title: 'ALIASES',
    about: 'All aliases, one a line',
    cell: (image) => image.aliases.map((a) => a.name),
  },
  {
    letter: 'f',
    title: 'FINGERPRINT',
    about: 'Fingerprint (short)',
    cell: (image) => image.fingerprint.slice(0, listedDigits),
    plain: true,
  },
  { letter: 'F', title: 'FINGERPRINT', about: 'Fingerprint (long)', cell: (image) => image.fingerprint, plain: true },
  { letter: 'p', title: 'PUBLIC', about: 'Whether image is public', cell: (image) => yesNo(image.public), plain: true },
  { letter: 'd', title: 'DESCRIPTION', about: 'Description', cell: (image) => image.properties.description ?? '' },
  { letter: 'a', title: 'ARCHITECTURE', about: 'Architecture', cell: (image) => image.architecture, plain: true },
  { letter: 't', title: 'TYPE', about: 'Type', cell: (image) => image.type.toUpperCase(), plain: true },
  {
    letter: 's',
    title: 'SIZE',
    about: 'Size',
    cell: (image) => sizeText(image.size),
    value: (image) => image.size,
    plain: true,
  },
  timeColumn('u', 'UPLOAD DATE', 'Upload date', (image) => image.uploadedAt),
  { letter: 'o', title: 'FORMAT', about: 'Format, and which form of it', cell: formatText },
  timeColumn('c', 'CREATION DATE', 'Creation date', (image) => image.createdAt),
  timeColumn('x', 'EXPIRY DATE', 'Expiry date', (image) => image.expiresAt),
  timeColumn('r', 'LAST USED', 'When it was last used', (image) => image.lastUsedAt),
  {
    letter: 'U',
    title: 'AUTO UPDATE',
    about: 'Whether it is kept up to date',
    cell: (image) => yesNo(image.autoUpdate),
    plain: true,
  },
  {
    letter: 'k',
    title: 'CACHED',
    about: 'Whether it is only cached',
    cell: (image) => yesNo(image.cached),
    plain: true,
  },
  {
    letter: 'S',
    title: 'SOURCE',
    about: 'Where it came from',
    cell: (image) => sourceText(image.source),
  },
]

export const defaultColumns = 'lfpdatsu'

const byLetter = new Map(imageColumns.map((column) => [column.letter, column]))

/** The columns of `-c`'s letters, commas between them or not. Throws 'usage' for an unknown letter and for none. */
export function parseColumns(letters: string): Column[] {
  const entries = letters.split(',')
  if (entries.includes('')) {
    throw new IngotError('usage', `columns ${JSON.stringify(letters)}: an entry is empty`, { hint: lettersHint() })
  }
  return entries.flatMap((entry) => [...entry].map(findColumn))
}

/** The column of one letter. Throws 'usage' naming all. */
export function findColumn(letter: string): Column {
  const column = byLetter.get(letter)
  if (column) return column
  throw new IngotError('usage', `there is no column ${JSON.stringify(letter)}`, { hint: lettersHint() })
}

function lettersHint(): string {
  return `Columns: ${imageColumns.map(({ letter, title }) => `${letter} ${title}`).join(', ')}.`
}

/** A cell as one text, its lines with line ends between them. */
export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.join('\n')
}

/** `lxd (unified)`. */
export function formatText({ format, variant }: ImageRecord): string {
  return variant === undefined ? format : `${format} (${variant})`
}

export function yesNo(flag: boolean): string {
  return flag ? 'yes' : 'no'
}

function sourceText(source: ImageSource | undefined): string {
  return source === undefined ? '' : [`${source.protocol}:`, source.server, source.alias].filter(Boolean).join(' ')
}

function timeColumn(
  letter: string,
  title: string,
  about: string,
  time: (image: ImageRecord) => number | undefined,
): Column {
  const value = (image: ImageRecord) => {
    const seconds = time(image)
    return isGiven(seconds) ? seconds : undefined
  }
  return {
    letter,
    title,
    about,
    value,
    plain: true,
    cell: (image) => timeCell(value(image)),
  }
}

/** Of seconds since the epoch. */
export function timeCell(seconds: number | undefined): string {
  return seconds === undefined ? '' : columnTime(seconds)
}
