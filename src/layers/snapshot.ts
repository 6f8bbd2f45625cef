import type { ByteString } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { contentDigest } from './content.ts'

/** A path of a tree with everything that can be compared. */
export interface SnapshotEntry {
  readonly header: EntryHeader
  /** Files: SHA-256 of the content, as a byte string: half of what hex takes, and a tree may have a million. Else ''. */
  readonly digest: ByteString
  /** All names of the same file, sorted, joined by NUL; '' when there is one. */
  readonly names: string
}

/** Reads a canonical tree into memory: headers and digests, no contents. Hard links carry their file's header. */
export async function snapshot(layer: Layer): Promise<ReadonlyMap<ByteString, SnapshotEntry>> {
  const all = new Map<ByteString, SnapshotEntry>()
  const groups = new Map<ByteString, ByteString[]>()
  const first = new Map<ByteString, ByteString>()
  for await (const entry of layer.entries()) {
    if (entry.type === 'hardlink') {
      const file = first.get(entry.linkTarget) ?? entry.linkTarget
      first.set(entry.path, file)
      const names = groups.get(file)
      if (names) names.push(entry.path)
      else groups.set(file, [file, entry.path])
    } else {
      const digest = entry.type === 'file' ? (await contentDigest(entry)).toString('latin1') : ''
      all.set(entry.path, { header: headerOf(entry, entry.path), digest, names: '' })
    }
  }
  for (const [path, names] of groups) {
    const file = all.get(path)
    if (!file) continue
    const joined = names.sort().join('\0')
    for (const name of names) all.set(name, { ...file, header: headerOf(file.header, name), names: joined })
  }
  return all
}

/** Whether two entries of one path are the same in all that can be compared. */
export function isSame(a: SnapshotEntry, b: SnapshotEntry): boolean {
  const [x, y] = [a.header, b.header]
  return (
    x.type === y.type &&
    a.digest === b.digest &&
    x.size === y.size &&
    (x.mode === y.mode || x.type === 'symlink') &&
    x.uid === y.uid &&
    x.gid === y.gid &&
    x.mtime === y.mtime &&
    sameXattrs(x.xattrs, y.xattrs) &&
    x.linkTarget === y.linkTarget &&
    x.devMajor === y.devMajor &&
    x.devMinor === y.devMinor &&
    a.names === b.names
  )
}

function sameXattrs(a: ReadonlyMap<ByteString, Buffer>, b: ReadonlyMap<ByteString, Buffer>): boolean {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (!b.get(name)?.equals(value)) return false
  return true
}

/** Just what a comparison needs, under the file's own name or another: bodies and maps of holes are not held. */
function headerOf(header: EntryHeader, path: ByteString): EntryHeader {
  const { type, mode, uid, gid, mtime, size, linkTarget, devMajor, devMinor, xattrs } = header
  return { path, type, mode, uid, gid, mtime, size, linkTarget, devMajor, devMinor, xattrs }
}
