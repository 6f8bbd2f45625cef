import type { ByteString } from '../image/bytes.ts'
import { type Entry, type EntryHeader, type EntryStream, emptyBody } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { linkEntry } from './flatten.ts'

/**
 * The header as it is to stay; undefined to drop the entry. `dropped` is given when the question is about a further name of a
 * dropped file: then `header` has that file's type and attributes.
 */
export type Decide = (header: EntryHeader, dropped?: EntryHeader) => EntryHeader | undefined

/**
 * Leaves entries out, or changes their headers (never path or type; only a hard link may become an empty file). A header whose size
 * became 0 loses its content. When a dropped file has other names that are kept, the first of them becomes the file; for that the
 * layer is read once more. Directories must be dropped with all they hold.
 */
export function selectEntries(layer: Layer, decide: Decide): Layer {
  async function* entries(): EntryStream {
    const files = new LinkedFiles()
    for await (const entry of layer.entries()) {
      const kept = choose(entry, files, decide)
      if (kept) yield withBody(kept, entry)
    }
    if (files.orphans.size > 0) yield* emitOrphans(layer, files.orphans)
  }
  return { name: layer.name, whiteouts: layer.whiteouts, canonical: layer.canonical ?? false, entries }
}

/** What is kept of a dropped file: the header of its first kept name, and further names. */
interface Orphan {
  readonly header: EntryHeader
  readonly others: ByteString[]
}

class LinkedFiles {
  /** The file behind each further name. */
  readonly first = new Map<ByteString, ByteString>()
  /** Headers of dropped files. */
  readonly dropped = new Map<ByteString, EntryHeader>()
  /** By the dropped name. */
  readonly orphans = new Map<ByteString, Orphan>()
}

function choose(entry: Entry, files: LinkedFiles, decide: Decide): EntryHeader | undefined {
  if (entry.type !== 'hardlink') {
    const kept = decide(entry)
    if (kept) files.dropped.delete(entry.path)
    else if (entry.type !== 'directory') files.dropped.set(entry.path, entry)
    return kept
  }
  const file = files.first.get(entry.linkTarget) ?? entry.linkTarget
  files.first.set(entry.path, file)
  const dropped = files.dropped.get(file)
  if (!dropped) {
    const kept = decide(entry)
    return kept?.type === 'hardlink' ? { ...kept, linkTarget: file } : kept
  }
  const header = decide({ ...dropped, path: entry.path }, dropped)
  if (!header) return undefined
  const orphan = files.orphans.get(file)
  if (orphan) orphan.others.push(entry.path)
  else files.orphans.set(file, { header, others: [] })
  return undefined
}

async function* emitOrphans(layer: Layer, orphans: ReadonlyMap<ByteString, Orphan>): EntryStream {
  for await (const entry of layer.entries()) {
    const orphan = entry.type === 'hardlink' ? undefined : orphans.get(entry.path)
    if (!orphan) continue
    yield withBody(orphan.header, entry)
    for (const path of orphan.others) yield linkEntry(orphan.header, path, orphan.header.path)
  }
}

function withBody(header: EntryHeader, entry: Entry): Entry {
  if (header === entry) return entry
  return { ...header, body: header.size === 0 ? emptyBody : entry.body }
}
