import { type ByteString, compareBytes } from '../image/bytes.ts'
import type { Layer } from '../image/layer.ts'
import { type SnapshotEntry, snapshot } from './snapshot.ts'

export type ChangedWhat = 'type' | 'content' | 'mode' | 'owner' | 'mtime' | 'xattrs' | 'target' | 'device' | 'links'

export interface TreeChange {
  readonly path: ByteString
  readonly what: readonly ChangedWhat[]
}

/** Paths in byte order. */
export interface TreeDifference {
  readonly added: readonly ByteString[]
  readonly removed: readonly ByteString[]
  readonly changed: readonly TreeChange[]
}

/** Compares two canonical trees by all that a root file system has, contents by digest; modification times only when asked. */
export async function compareTrees(
  a: Layer,
  b: Layer,
  options: { readonly times?: boolean } = {},
): Promise<TreeDifference> {
  const [before, after] = [await snapshot(a), await snapshot(b)]
  const changed: TreeChange[] = []
  for (const [path, old] of before) {
    const now = after.get(path)
    const what = now ? differences(old, now, options.times ?? false) : []
    if (what.length > 0) changed.push({ path, what })
  }
  return {
    added: [...after.keys()].filter((path) => !before.has(path)).sort(compareBytes),
    removed: [...before.keys()].filter((path) => !after.has(path)).sort(compareBytes),
    changed: changed.sort((x, y) => compareBytes(x.path, y.path)),
  }
}

/** What differs between two entries of one path. */
export function differences(a: SnapshotEntry, b: SnapshotEntry, times: boolean): ChangedWhat[] {
  const [x, y] = [a.header, b.header]
  if (x.type !== y.type) return ['type']
  const what: ChangedWhat[] = []
  if (a.digest !== b.digest || x.size !== y.size) what.push('content')
  if (x.mode !== y.mode && x.type !== 'symlink') what.push('mode')
  if (x.uid !== y.uid || x.gid !== y.gid) what.push('owner')
  if (times && x.mtime !== y.mtime) what.push('mtime')
  if (!sameXattrs(x.xattrs, y.xattrs)) what.push('xattrs')
  if (x.linkTarget !== y.linkTarget) what.push('target')
  if (x.devMajor !== y.devMajor || x.devMinor !== y.devMinor) what.push('device')
  if (a.names !== b.names) what.push('links')
  return what
}

function sameXattrs(a: ReadonlyMap<ByteString, Buffer>, b: ReadonlyMap<ByteString, Buffer>): boolean {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (!b.get(name)?.equals(value)) return false
  return true
}
