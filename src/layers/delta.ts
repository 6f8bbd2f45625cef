import { type ByteString, compareBytes, displayBytes } from '../image/bytes.ts'
import {
  baseName,
  type Entry,
  type EntryHeader,
  type EntryStream,
  emptyBody,
  makeHeader,
  parentPath,
} from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { isSame, type SnapshotEntry, snapshot } from './snapshot.ts'
import { whiteoutPrefix } from './whiteout.ts'

/**
 * The OCI change set that makes canonical tree `upper` out of canonical tree `lower` (OCI image-spec layer.md "Change types").
 * Directories and explicit whiteouts come first, in byte order, then the rest as `upper` orders it;
 * parents of what changed are included; all names of a changed file come again; no entries when nothing changed. Contents are
 * compared by digest. Throws 'unsupported' when a name would be read as a whiteout.
 */
export function layerDelta(lower: Layer, upper: Layer, name = `${upper.name}: changes`): Layer {
  async function* entries(): EntryStream {
    const [before, after] = [await snapshot(lower), await snapshot(upper)]
    const changed = changedPaths(before, after)
    yield* directoriesAndWhiteouts(before, after, changed)
    if (changed.size === 0) return
    for await (const entry of upper.entries()) if (entry.type !== 'directory' && changed.has(entry.path)) yield entry
  }
  return { name, whiteouts: true, entries }
}

type Snapshot = ReadonlyMap<ByteString, SnapshotEntry>

function changedPaths(before: Snapshot, after: Snapshot): Set<ByteString> {
  const changed = new Set<ByteString>()
  for (const [path, now] of after) {
    refuseWhiteoutName(path)
    const old = before.get(path)
    if (old && isSame(old, now)) continue
    for (const each of now.names === '' ? [path] : now.names.split('\0')) {
      for (let at = each; !changed.has(at); at = parentPath(at)) {
        changed.add(at)
        if (at === '') break
      }
    }
  }
  return changed
}

function refuseWhiteoutName(path: ByteString): void {
  if (!baseName(path).startsWith(whiteoutPrefix)) return
  throw new IngotError(
    'unsupported',
    `${displayBytes(path)}: OCI layers cannot hold a file whose name begins with ${whiteoutPrefix}`,
  )
}

/** Directories of the upper tree that are wanted, and whiteouts, in byte order with whiteouts first. */
function* directoriesAndWhiteouts(
  before: Snapshot,
  after: Snapshot,
  wanted: ReadonlySet<ByteString>,
): Generator<Entry> {
  const marks = new Map<ByteString, EntryHeader>()
  for (const path of gone(before, after)) {
    refuseWhiteoutName(path)
    const folder = parentPath(path)
    for (let at = folder; ; at = parentPath(at)) {
      const header = after.get(at)?.header
      if (header) marks.set(at, header)
      if (at === '') break
    }
    const mark = `${folder === '' ? '' : `${folder}/`}${whiteoutPrefix}${baseName(path)}`
    marks.set(mark, makeHeader({ path: mark, type: 'file' }))
  }
  for (const path of wanted) {
    const header = after.get(path)?.header
    if (header?.type === 'directory') marks.set(path, header)
  }
  for (const path of [...marks.keys()].sort(byRank)) yield { ...marks.get(path)!, body: emptyBody }
}

/** Byte order, but whiteouts before all else in their directory: also before names such as `-x`. */
function byRank(a: ByteString, b: ByteString): number {
  return compareBytes(rank(a), rank(b))
}

function rank(path: ByteString): ByteString {
  const name = baseName(path)
  return name.startsWith(whiteoutPrefix) ? `${path.slice(0, path.length - name.length)}\0${name}` : path
}

/** Paths of the lower tree that the upper one lacks, only the topmost of each; and directories that became something else need none. */
function* gone(before: Snapshot, after: Snapshot): Generator<ByteString> {
  for (const path of before.keys()) {
    if (path === '' || after.has(path)) continue
    const folder = after.get(parentPath(path))
    if (folder?.header.type === 'directory' && before.get(parentPath(path))?.header.type === 'directory') yield path
  }
}
