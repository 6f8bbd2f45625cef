import type { ByteString } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { contentDigest } from './content.ts'

/** A path of a tree with everything that can be compared. */
export interface SnapshotEntry {
  readonly header: EntryHeader
  /** Files: SHA-256 of the content. Else ''. */
  readonly digest: string
  /** All names of the same file, sorted, joined by NUL; '' when there is one. */
  readonly names: string
}

/** Reads a canonical tree into memory: headers and digests, no contents. Hard links carry their file's header. */
export async function snapshot(layer: Layer): Promise<ReadonlyMap<ByteString, SnapshotEntry>> {
  const files = new Map<ByteString, { header: EntryHeader; digest: string; names: ByteString[] }>()
  const first = new Map<ByteString, ByteString>()
  for await (const entry of layer.entries()) {
    const { body: _, ...header } = entry
    if (entry.type === 'hardlink') {
      const file = first.get(entry.linkTarget) ?? entry.linkTarget
      first.set(entry.path, file)
      files.get(file)?.names.push(entry.path)
    } else {
      files.set(entry.path, {
        header,
        digest: entry.type === 'file' ? await contentDigest(entry) : '',
        names: [entry.path],
      })
    }
  }
  const all = new Map<ByteString, SnapshotEntry>()
  for (const { header, digest, names } of files.values()) {
    const joined = names.length > 1 ? names.sort().join('\0') : ''
    for (const path of names) all.set(path, { header: { ...header, path }, digest, names: joined })
  }
  return all
}
