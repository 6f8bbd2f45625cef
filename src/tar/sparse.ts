import type { ByteString } from '../image/bytes.ts'
import type { DataRun } from '../image/entry.ts'
import { paddingLength } from './block.ts'
import { parseDecimal, readNumber } from './numbers.ts'

/** Most data runs that one sparse file may have. */
export const maxRuns = 1_000_000

/** Reads the runs of one block of an old GNU sparse map: `count` slots from `at`; a slot that begins with NUL ends it. */
export function readGnuRuns(block: Buffer, at: number, count: number, runs: DataRun[]): void {
  for (let slot = at; slot < at + count * 24; slot += 24) {
    if (block[slot + 12] === 0) return
    runs.push({ offset: readNumber(block, slot, 12), length: readNumber(block, slot + 12, 12) })
  }
}

/** The runs of a `GNU.sparse.map` value (formats 0.0 and 0.1): `offset,length,offset,length…`. */
export function parseRunList(value: ByteString): DataRun[] {
  if (value === '') return []
  return pairs(value.split(','))
}

function pairs(numbers: readonly string[]): DataRun[] {
  const runs: DataRun[] = []
  for (let i = 0; i < numbers.length; i += 2) {
    runs.push({ offset: parseDecimal(numbers[i]!), length: parseDecimal(numbers[i + 1] ?? '') })
  }
  return runs
}

/**
 * Takes up the map that stands before the data in format 1.0: decimal numbers, each on a line of its own, first how
 * many runs there are, padded to a block. Fed block by block until it is complete.
 */
export class SparseMapReader {
  readonly runs: DataRun[] = []
  #expected: number | undefined
  #offset: number | undefined
  #digits = ''

  get complete(): boolean {
    return this.#expected === this.runs.length
  }

  /** Reads one block; false when it breaks the format. */
  add(block: Buffer): boolean {
    for (const byte of block) {
      if (this.complete) return true
      if (byte >= 0x30 && byte <= 0x39 && this.#digits.length < 20) this.#digits += String.fromCharCode(byte)
      else if (byte !== 0x0a || !this.#number(parseDecimal(this.#digits))) return false
    }
    return true
  }

  #number(value: number): boolean {
    this.#digits = ''
    if (Number.isNaN(value)) return false
    if (this.#expected === undefined) {
      this.#expected = value
    } else if (this.#offset === undefined) {
      this.#offset = value
    } else {
      this.runs.push({ offset: this.#offset, length: value })
      this.#offset = undefined
    }
    return true
  }

  /** More runs announced than are allowed. */
  get tooMany(): boolean {
    return (this.#expected ?? 0) > maxRuns
  }
}

/**
 * Checks a stored map: ascending, not overlapping, inside the file, as many bytes as are stored. Comes back without
 * empty runs, or as the reason why it is refused.
 */
export function checkRuns(runs: readonly DataRun[], size: number, stored: number): DataRun[] | string {
  const kept: DataRun[] = []
  let end = 0
  let total = 0
  for (const run of runs) {
    if (!Number.isSafeInteger(run.offset) || !Number.isSafeInteger(run.length) || run.offset < 0 || run.length < 0) {
      return 'its sparse map holds something that is not a number'
    }
    if (run.offset < end) return `its sparse map goes back from byte ${end} to ${run.offset}`
    end = run.offset + run.length
    if (end > size) return `its sparse map reaches byte ${end} of a file of ${size} bytes`
    total += run.length
    if (run.length > 0) kept.push(run)
  }
  if (total !== stored) return `its sparse map covers ${total} bytes but ${stored} are stored`
  return kept
}

/** The map of format 1.0, padded to whole blocks. Where the file ends in a hole, an empty run marks its end. */
export function encodeSparseMap(runs: readonly DataRun[], size: number): Buffer {
  const all = runs.filter((run) => run.length > 0)
  const last = all.at(-1)
  if (last === undefined || last.offset + last.length < size) all.push({ offset: size, length: 0 })
  const text = `${all.length}\n${all.map((run) => `${run.offset}\n${run.length}\n`).join('')}`
  const map = Buffer.alloc(text.length + paddingLength(text.length))
  map.write(text, 'latin1')
  return map
}

/** Slots in a header block and in each block that continues it, and where they and the sizes are. */
export const gnuSparse = {
  first: 386,
  slots: 4,
  extended: 482,
  realSize: 483,
  moreSlots: 21,
  moreExtended: 504,
} as const
