import type { ByteString } from '../image/bytes.ts'
import { type Entry, type EntryHeader, type EntryStream, emptyBody } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { linkEntry } from './flatten.ts'

/**
 * Leaves entries out, or changes their headers (never path or type). A header whose size became 0 loses its content. When a dropped
 * file has other names that are kept, the first of them becomes the file; for that the layer is read once more. `decide` is asked about a
 * further name of a dropped file with that file's own type and attributes. Directories must be dropped with all they hold.
 */
export function selectEntries(layer: Layer, decide: (header: EntryHeader) => EntryHeader | undefined): Layer {
  async function* entries(): EntryStream {
    const files = new LinkedFiles()
    for await (const entry of layer.entries()) {
      const kept = choose(entry, files, decide)
      if (kept) yield withBody(kept, entry)
    }
    if (files.orphans.size > 0) yield* emitOrphans(layer, files.orphans, decide)
  }
  return { name: layer.name, whiteouts: layer.whiteouts, canonical: layer.canonical ?? false, entries }
}

class LinkedFiles {
  /** The file behind each further name. */
  readonly first = new Map<ByteString, ByteString>()
  /** Headers of dropped files. */
  readonly dropped = new Map<ByteString, EntryHeader>()
  /** Kept names of dropped files. */
  readonly orphans = new Map<ByteString, ByteString[]>()
}

function choose(
  entry: Entry,
  files: LinkedFiles,
  decide: (header: EntryHeader) => EntryHeader | undefined,
): EntryHeader | undefined {
  if (entry.type !== 'hardlink') {
    const kept = decide(entry)
    if (!kept && entry.type !== 'directory') files.dropped.set(entry.path, entry)
    return kept
  }
  const file = files.first.get(entry.linkTarget) ?? entry.linkTarget
  files.first.set(entry.path, file)
  const gone = files.dropped.get(file)
  if (!gone) {
    const kept = decide(entry)
    return kept && { ...kept, linkTarget: file }
  }
  if (decide({ ...gone, path: entry.path })) {
    const names = files.orphans.get(file)
    if (names) names.push(entry.path)
    else files.orphans.set(file, [entry.path])
  }
  return undefined
}

async function* emitOrphans(
  layer: Layer,
  orphans: ReadonlyMap<ByteString, readonly ByteString[]>,
  decide: (header: EntryHeader) => EntryHeader | undefined,
): EntryStream {
  for await (const entry of layer.entries()) {
    const names = entry.type === 'hardlink' ? undefined : orphans.get(entry.path)
    if (!names) continue
    const [first, ...others] = names
    const kept = decide({ ...entry, path: first! })!
    yield withBody({ ...kept, path: first! }, entry)
    for (const path of others) yield linkEntry(kept, path, first!)
  }
}

function withBody(header: EntryHeader, entry: Entry): Entry {
  if (header === entry) return entry
  return { ...header, body: header.size === 0 ? emptyBody : entry.body }
}
