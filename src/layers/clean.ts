import type { EntryHeader, EntryStream } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { type CleanOperation, cleanOperations, hiddenPath } from './clean-operations.ts'
import { selectEntries } from './select.ts'

/** What one operation did. */
export interface CleanResult {
  readonly operation: string
  /** Entries removed or emptied. */
  readonly entries: number
  /** Bytes of file content that went. */
  readonly bytes: number
}

/** Collects what cleaning did. Layers may be read several times: the last whole reading counts. */
export interface CleanReport {
  results(): readonly CleanResult[]
  record(layer: object, tally: ReadonlyMap<string, CleanResult>): void
}

export function createCleanReport(): CleanReport {
  const tallies = new Map<object, ReadonlyMap<string, CleanResult>>()
  return {
    record: (layer, tally) => void tallies.set(layer, tally),
    results() {
      return cleanOperations.map(({ name }) => {
        const of = [...tallies.values()].map((tally) => tally.get(name))
        return {
          operation: name,
          entries: of.reduce((sum, result) => sum + (result?.entries ?? 0), 0),
          bytes: of.reduce((sum, result) => sum + (result?.bytes ?? 0), 0),
        }
      })
    },
  }
}

/**
 * The layer without what the operations take away (virt-sysprep's idea, on the entry stream). A file whose other name lives on keeps
 * its content there. In a layer with whiteouts, those of what is taken away anyhow go too.
 */
export function cleanLayer(
  layer: Layer,
  operations: readonly CleanOperation[],
  report: CleanReport = createCleanReport(),
): Layer {
  const key = {}
  async function* entries(): EntryStream {
    const tally = new Tally()
    const decide = (header: EntryHeader, dropped?: EntryHeader) => {
      const hidden = layer.whiteouts ? hiddenPath(header.path) : header.path
      if (hidden !== header.path) return staysHidden(header, hidden, operations) ? header : undefined
      const kept = applyAll(header, operations, tally, dropped)
      if (kept && dropped && kept.size === header.size) tally.livesOn(dropped)
      return kept
    }
    yield* selectEntries(layer, decide).entries()
    report.record(key, tally.results)
  }
  return { name: layer.name, whiteouts: layer.whiteouts, canonical: layer.canonical ?? false, entries }
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

/** Whether a whiteout still has something to hide: what it hides may be a symlink, which most operations leave alone. */
function staysHidden(header: EntryHeader, hidden: string, operations: readonly CleanOperation[]): boolean {
  const unknown: EntryHeader = { ...header, path: hidden, type: 'symlink' }
  return operations.every((operation) => operation.apply(unknown) !== undefined)
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
