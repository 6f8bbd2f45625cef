import { type ByteString, displayBytes } from '../image/bytes.ts'
import type { Entry } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import { type ChangedWhat, differences, Fingerprints } from './fingerprints.ts'
import { LinkGroups } from './link-groups.ts'
import { PathTable } from './path-table.ts'
import { Rows } from './rows.ts'

/** Which of two trees. */
export type Side = typeof inBefore | typeof inAfter
export const inBefore = 1
export const inAfter = 2

/** How the two differ at a path: it is in one of them only, or says something else there. */
export interface PathDifference {
  readonly path: ByteString
  readonly kind: 'added' | 'removed' | 'changed'
  /** Of a changed one. */
  readonly what: readonly ChangedWhat[]
}

// Fields of a path's row.
/** Which trees it is in; above these two bits, one for each of the differences. */
const stateField = 0
/** What it is in the tree that was read last. */
const printField = 1

const sideBits = 2
const inBoth = inBefore | inAfter

/**
 * What two trees say about each path, in about 90 bytes for each path that is in either, 12 more with times.
 * While the second tree is read, what it says about a path is held against what the first one said, and takes its place.
 */
export class Comparison {
  readonly #paths = new PathTable()
  readonly #prints: Fingerprints
  readonly #rows: Rows
  readonly #links = { [inBefore]: new LinkGroups(), [inAfter]: new LinkGroups() }

  constructor(times: boolean) {
    this.#prints = new Fingerprints(times)
    this.#rows = new Rows(printField + this.#prints.length)
    this.#rowOf('')
  }

  /**
   * Takes in the next entry of a canonical tree: first all of the one, then all of the other. Consumes the body. `subject` names the
   * tree in errors. Throws 'bad-input' for a hard link whose file did not come before it.
   */
  async note(entry: Entry, side: Side, subject: string): Promise<void> {
    const path = this.#rowOf(entry.path)
    const now = entry.type === 'hardlink' ? this.#linked(entry, path, side, subject) : await this.#prints.of(entry)
    let state = this.#rows.get(path, stateField) | side
    if (side === inAfter && state === inBoth) {
      const before = this.#rows.slice(path, printField)
      state |= bitsOf(this.#prints.differences(before, now)) << sideBits
    }
    this.#rows.set(path, stateField, state)
    this.#rows.put(path, printField, now)
  }

  /** Each directory before what it holds, names in byte order. They are found anew each time, and never all in memory. */
  *differences(): Generator<PathDifference> {
    const [before, after] = [this.#links[inBefore], this.#links[inAfter]]
    const [splitBefore, splitAfter] = [before.splitIn(after), after.splitIn(before)]
    for (const path of this.#paths.inTreeOrder()) {
      const state = this.#rows.get(path, stateField)
      if (state === inBefore) yield { path: this.#paths.pathOf(path), kind: 'removed', what: [] }
      else if (state === inAfter) yield { path: this.#paths.pathOf(path), kind: 'added', what: [] }
      else if (state !== 0) {
        const regrouped = splitBefore.has(before.fileOf(path)) || splitAfter.has(after.fileOf(path))
        const changes = (state >> sideBits) | (regrouped ? linksBit : 0)
        if (changes !== 0) yield { path: this.#paths.pathOf(path), kind: 'changed', what: wordsOf(changes) }
      }
    }
  }

  #rowOf(path: ByteString): number {
    const number = this.#paths.numberOf(path)
    while (this.#rows.count < this.#paths.count) this.#rows.add()
    return number
  }

  /** A hard link is what its file is. */
  #linked(entry: Entry, path: number, side: Side, subject: string): Int32Array {
    const file = this.#links[side].add(path, this.#rowOf(entry.linkTarget))
    if ((this.#rows.get(file, stateField) & side) !== 0) return this.#rows.slice(file, printField)
    const [name, target] = [displayBytes(entry.path), displayBytes(entry.linkTarget)]
    throw new IngotError('bad-input', `${subject}: ${name} is a hard link to ${target}, which does not come before it`)
  }
}

const typeBit = bitsOf(['type'])
const linksBit = bitsOf(['links'])

function bitsOf(what: readonly ChangedWhat[]): number {
  return what.reduce((bits, word) => bits | (1 << differences.indexOf(word)), 0)
}

/** Nothing else counts where types differ. */
function wordsOf(bits: number): ChangedWhat[] {
  return (bits & typeBit) !== 0 ? ['type'] : differences.filter((_, i) => (bits & (1 << i)) !== 0)
}
