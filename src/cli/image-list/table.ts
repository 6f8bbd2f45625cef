import { displayWidth } from '../../image/display-width.ts'
import { visible } from '../../image/visible.ts'
import type { Cell } from './columns.ts'

/** A title and the cells below it, one for each row; all columns of a table have as many. */
export interface TableColumn {
  readonly title: string
  readonly cells: readonly Cell[]
  /** Its cells are ASCII without control characters: nobody need look. */
  readonly plain?: boolean | undefined
}

/** A column whose width is known. */
interface Fitted {
  readonly title: string
  readonly width: number
  /** As a terminal may have them. */
  readonly cells: readonly Cell[]
  /** What follows a cell of one line up to the next, by its length: blanks and what stands between. Cells of other lengths have their blanks. */
  readonly gaps: readonly string[]
  /** The same for those. */
  readonly gap: string
}

/** What stands round the cells of a line, and round rows. */
interface Frame {
  readonly start: string
  readonly between: string
  readonly end: string
  readonly rule: string
}

type Sized = Pick<Fitted, 'title' | 'width'>

/** The frame of a form, for columns of these widths; `head`: all before the first row. */
export function frameOf(form: 'table' | 'compact', columns: readonly Sized[]): Frame & { readonly head: string } {
  const frame = form === 'table' ? { ...box, rule: ruleOf(columns) } : { ...spaces, rule: '' }
  return { ...frame, head: frame.rule + titlesOf(columns, frame) + frame.rule }
}

const box = { start: '| ', between: ' | ', end: ' |\n' }
const spaces = { start: '  ', between: '  ', end: '  \n' }

function ruleOf(columns: readonly Sized[]): string {
  return `+${columns.map(({ width }) => '-'.repeat(width + 2)).join('+')}+\n`
}

function titlesOf(columns: readonly Sized[], { start, between, end }: Frame): string {
  return start + columns.map(({ title, width }) => padCentre(title, width)).join(between) + end
}

/**
 * The boxed table that lxc prints: titles in the middle, texts left, a line between rows. Columns line up by what a
 * terminal shows; what could steer a terminal is escaped (see visible). No rows: the box of the titles.
 */
export function renderBoxed(columns: readonly TableColumn[]): string {
  const fitted = fitColumns(columns, box)
  return renderRows(fitted, frameOf('table', fitted))
}

/** lxc's `compact` form: the same without lines, two blanks round each column. */
export function renderCompact(columns: readonly TableColumn[]): string {
  const fitted = fitColumns(columns, spaces)
  return renderRows(fitted, frameOf('compact', fitted))
}

function renderRows(columns: readonly Fitted[], frame: Frame): string {
  const { start, rule } = frame
  const rows = ['', titlesOf(columns, frame)]
  const count = columns[0]?.cells.length ?? 0
  // One array for all rows: concatenating instead takes twice the memory, and that is what takes the time.
  const parts: string[] = [start]
  for (let row = 0; row < count; row++) {
    let at = 1
    for (const { cells, gaps, gap } of columns) {
      const cell = cells[row]!
      if (typeof cell !== 'string') break
      parts[at] = cell
      parts[at + 1] = gaps[cell.length] ?? gap
      at += 2
    }
    rows.push(at === columns.length * 2 + 1 ? parts.join('') : tallRow(columns, row, frame))
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

function fitColumns(
  columns: readonly TableColumn[],
  { between, end }: Pick<Frame, 'between' | 'end'>,
): readonly Fitted[] {
  return columns.map((column, index) => fitColumn(column, index === columns.length - 1 ? end : between))
}

/** `next`: what follows the column. */
function fitColumn({ title, cells: given, plain: known = false }: TableColumn, next: string): Fitted {
  // Most lists have one line.
  const cells = given.map((cell) => (typeof cell === 'string' || cell.length > 1 ? cell : (cell[0] ?? '')))
  // One look at all of them spares most columns the looks at each.
  const plain = known || !/[^ -~]/.test(cells.join(''))
  const texts = plain ? cells : cells.map((cell) => (typeof cell === 'string' ? visible(cell) : cell.map(visible)))
  const measure = plain ? (text: string) => text.length : displayWidth
  const widths = texts.map((text) => (typeof text === 'string' ? measure(text) : Math.max(...text.map(measure))))
  const width = widths.reduce((most, each) => Math.max(most, each), displayWidth(title))
  const padded = (text: Cell, i: number) => (typeof text === 'string' ? text + ' '.repeat(width - widths[i]!) : text)
  return {
    title,
    width,
    cells: plain ? texts : texts.map(padded),
    gaps: plain ? Array.from({ length: width + 1 }, (_, length) => ' '.repeat(width - length) + next) : [],
    gap: next,
  }
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - displayWidth(text))
}

function padCentre(text: string, width: number): string {
  return pad(' '.repeat((width - displayWidth(text)) / 2) + text, width)
}
