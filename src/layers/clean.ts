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
 * its content there. In a layer with whiteouts, those under emptied folders go too.
 */
export function cleanLayer(
  layer: Layer,
  operations: readonly CleanOperation[],
  report: CleanReport = createCleanReport(),
): Layer {
  const key = {}
  async function* entries(): EntryStream {
    const tally = new Map<string, CleanResult>()
    const decide = (header: EntryHeader) => applyAll(header, operations, layer.whiteouts, tally)
    yield* selectEntries(layer, decide).entries()
    report.record(key, tally)
  }
  return { name: layer.name, whiteouts: layer.whiteouts, canonical: layer.canonical ?? false, entries }
}

function applyAll(
  header: EntryHeader,
  operations: readonly CleanOperation[],
  whiteouts: boolean,
  tally: Map<string, CleanResult>,
): EntryHeader | undefined {
  const path = whiteouts ? hiddenPath(header.path) : header.path
  let result = path === header.path ? header : { ...header, path }
  for (const operation of operations) {
    const kept = operation.apply(result)
    if (kept === undefined || kept.size !== result.size)
      count(tally, operation.name, result.type === 'file' ? result.size : 0)
    if (kept === undefined) return undefined
    result = kept
  }
  return path === header.path ? result : header
}

function count(tally: Map<string, CleanResult>, operation: string, bytes: number): void {
  const before = tally.get(operation)
  tally.set(operation, { operation, entries: (before?.entries ?? 0) + 1, bytes: (before?.bytes ?? 0) + bytes })
}
