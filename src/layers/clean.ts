import type { EntryHeader, EntryStream } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { type CleanOperation, cleanOperations } from './clean-operations.ts'
import { entriesLayer } from './entries-layer.ts'
import { selectEntries } from './select.ts'

/** What one operation did. */
export interface CleanResult {
  readonly operation: string
  /** Entries removed or emptied. */
  readonly entries: number
  /** Bytes of file content that went. */
  readonly bytes: number
}

/** What cleaning did. The tree may be read several times: the last whole reading counts. */
export interface CleanReport {
  results(): readonly CleanResult[]
  record(tally: ReadonlyMap<string, CleanResult>): void
}

export function createCleanReport(): CleanReport {
  let last: ReadonlyMap<string, CleanResult> = new Map()
  return {
    record(tally) {
      last = tally
    },
    results: () => cleanOperations.map(({ name }) => last.get(name) ?? { operation: name, entries: 0, bytes: 0 }),
  }
}

/**
 * A canonical tree without what the operations take away (virt-sysprep's idea, on the entry stream). A file whose other name lives
 * on keeps its content there. Layers of others must be flattened first: what an operation means by a path is known of the tree only.
 */
export function cleanTree(
  tree: Layer,
  operations: readonly CleanOperation[],
  report: CleanReport = createCleanReport(),
): Layer {
  async function* entries(): EntryStream {
    const tally = new Tally()
    const decide = (header: EntryHeader, dropped?: EntryHeader) => {
      const kept = applyAll(header, operations, tally, dropped)
      if (kept && dropped && kept.size === header.size) tally.livesOn(dropped)
      return kept
    }
    yield* selectEntries(tree, decide).entries()
    report.record(tally.results)
  }
  return entriesLayer(tree.name, entries, { whiteouts: tree.whiteouts, canonical: tree.canonical ?? false })
}

/** `dropped`: the file that the entry is a further name of, whose content is counted already. */
function applyAll(
  header: EntryHeader,
  operations: readonly CleanOperation[],
  tally: Tally,
  dropped: EntryHeader | undefined,
): EntryHeader | undefined {
  let result = header
  for (const operation of operations) {
    const kept = operation.apply(result)
    if (kept === undefined || kept.size !== result.size || kept.type !== result.type)
      tally.count(operation.name, result, dropped ? 0 : result.size)
    if (kept === undefined) return undefined
    result = kept
  }
  return result
}

class Tally {
  readonly results = new Map<string, CleanResult>()
  /** The operation that dropped each file; forgotten when another name of it was kept. */
  readonly #dropped = new Map<string, string>()

  count(operation: string, header: EntryHeader, bytes: number): void {
    this.#add(operation, 1, bytes)
    if (bytes > 0) this.#dropped.set(header.path, operation)
  }

  /** A dropped file's content stays, under another name. */
  livesOn(dropped: EntryHeader): void {
    const operation = this.#dropped.get(dropped.path)
    if (operation !== undefined) this.#add(operation, 0, -dropped.size)
    this.#dropped.delete(dropped.path)
  }

  #add(operation: string, entries: number, bytes: number): void {
    const before = this.results.get(operation)
    const sum = { entries: (before?.entries ?? 0) + entries, bytes: (before?.bytes ?? 0) + bytes }
    this.results.set(operation, { operation, ...sum })
  }
}
