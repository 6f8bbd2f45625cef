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

/** A path that is in one tree only, or not the same in both. */
export interface PathDifference {
  readonly path: ByteString
  readonly sides: number
  readonly what: readonly ChangedWhat[]
}

// Fields of a path's row.
/** Which trees it is in. */
const sidesField = 0
/** A bit for each of the differences. */
const changesField = 1
/** What it is in the tree that was read last. */
const printField = 2

/**
 * What two trees say about each path, in about 70 bytes for each path that is in either, 12 more with times, and a little for each
 * different set of mode, owner and extended attributes.
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
  }

  /**
   * Takes in the next entry of a canonical tree: first all of the one, then all of the other. Consumes the body. `subject` names the
   * tree in errors. Throws 'bad-input' for a hard link whose file did not come before it.
   */
  async note(entry: Entry, side: Side, subject: string): Promise<void> {
    const path = this.#rowOf(entry.path)
    const now = entry.type === 'hardlink' ? this.#linked(entry, path, side, subject) : await this.#prints.of(entry)
    const sides = this.#rows.get(path, sidesField)
    if (side === inAfter && sides === inBefore) {
      const before = this.#rows.slice(path, printField)
      this.#rows.set(path, changesField, bitsOf(this.#prints.differences(before, now)))
    }
    this.#rows.set(path, sidesField, sides | side)
    this.#rows.put(path, printField, now)
  }

  /** In no particular order. */
  *differences(): Generator<PathDifference> {
    const [before, after] = [this.#links[inBefore], this.#links[inAfter]]
    const [splitBefore, splitAfter] = [before.splitIn(after), after.splitIn(before)]
    const whats = new Map<number, readonly ChangedWhat[]>([[0, []]])
    for (let path = 0; path < this.#rows.count; path++) {
      const sides = this.#rows.get(path, sidesField)
      const inBoth = sides === (inBefore | inAfter)
      const regrouped = inBoth && (splitBefore.has(before.fileOf(path)) || splitAfter.has(after.fileOf(path)))
      const changes = this.#rows.get(path, changesField) | (regrouped ? linksBit : 0)
      if (sides === 0 || (inBoth && changes === 0)) continue
      const what = whats.get(changes) ?? wordsOf(changes)
      whats.set(changes, what)
      yield { path: this.#paths.pathOf(path), sides, what }
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
    if ((this.#rows.get(file, sidesField) & side) !== 0) return this.#rows.slice(file, printField)
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
