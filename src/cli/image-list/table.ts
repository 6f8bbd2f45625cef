import { displayWidth } from '../text.ts'
import type { Cell } from './columns.ts'
import { visible } from './visible.ts'

/** A title and the cells below it, one for each row; all columns of a table have as many. */
export interface TableColumn {
  readonly title: string
  readonly cells: readonly Cell[]
}

/** A column whose width is known. */
interface Fitted {
  readonly title: string
  readonly width: number
  /** As a terminal may have them. */
  readonly cells: readonly Cell[]
  /** Blanks that fill a cell of one line up to the width, by its length; cells of other lengths have them already. */
  readonly gaps: readonly string[]
}

/** What stands round the cells of a line, and round rows. */
interface Frame {
  readonly start: string
  readonly between: string
  readonly end: string
  readonly rule: string
}

/**
 * The boxed table that lxc prints: titles in the middle, texts left, a line between rows. Columns line up by what a
 * terminal shows; what could steer a terminal is escaped (see visible). No rows: the box of the titles.
 */
export function renderBoxed(columns: readonly TableColumn[]): string {
  const fitted = columns.map(fitColumn)
  const rule = `+${fitted.map(({ width }) => '-'.repeat(width + 2)).join('+')}+\n`
  return renderRows(fitted, { start: '| ', between: ' | ', end: ' |\n', rule })
}

/** lxc's `compact` form: the same without lines, two blanks round each column. */
export function renderCompact(columns: readonly TableColumn[]): string {
  return renderRows(columns.map(fitColumn), { start: '  ', between: '  ', end: '  \n', rule: '' })
}

function renderRows(columns: readonly Fitted[], frame: Frame): string {
  const { start, between, end, rule } = frame
  const titles = columns.map(({ title, width }) => padCentre(title, width)).join(between)
  const rows = ['', start + titles + end]
  const count = columns[0]?.cells.length ?? 0
  // One array for all rows: concatenating instead takes twice the memory, and that is what takes the time.
  const parts: string[] = []
  for (let row = 0; row < count; row++) {
    let at = 0
    for (const { cells, gaps } of columns) {
      const cell = cells[row]!
      if (typeof cell !== 'string') break
      parts[at] = at === 0 ? start : between
      parts[at + 1] = cell
      parts[at + 2] = gaps[cell.length] ?? ''
      at += 3
    }
    parts[at] = end
    rows.push(at === columns.length * 3 ? parts.join('') : tallRow(columns, row, frame))
  }
  return [...rows, ''].join(rule)
}

/** A row that is as high as its highest cell. */
function tallRow(columns: readonly Fitted[], row: number, { start, between, end }: Frame): string {
  const cells = columns.map(({ cells, width }) => ({ lines: [cells[row]!].flat(), width }))
  const height = Math.max(1, ...cells.map(({ lines }) => lines.length))
  const line = (n: number) => cells.map(({ lines, width }) => pad(lines[n] ?? '', width)).join(between)
  return Array.from({ length: height }, (_, n) => start + line(n) + end).join('')
}

function fitColumn({ title, cells }: TableColumn): Fitted {
  // One look at all of them spares most columns the looks at each.
  const plain = !/[^ -~]/.test(cells.join(''))
  const texts = plain ? cells : cells.map((cell) => (typeof cell === 'string' ? visible(cell) : cell.map(visible)))
  const measure = plain ? (text: string) => text.length : displayWidth
  let width = displayWidth(title)
  for (const text of texts) {
    if (typeof text === 'string') width = Math.max(width, measure(text))
    else for (const line of text) width = Math.max(width, measure(line))
  }
  return {
    title,
    width,
    cells: plain ? texts : texts.map((text) => (typeof text === 'string' ? pad(text, width) : text)),
    gaps: plain ? Array.from({ length: width + 1 }, (_, length) => ' '.repeat(width - length)) : [],
  }
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - displayWidth(text))
}

function padCentre(text: string, width: number): string {
  return pad(' '.repeat((width - displayWidth(text)) / 2) + text, width)
}
