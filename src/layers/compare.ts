import { type ByteString, compareBytes } from '../image/bytes.ts'
import type { Layer } from '../image/layer.ts'
import { Comparison, inAfter, inBefore } from './comparison.ts'
import type { ChangedWhat } from './fingerprints.ts'

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

/**
 * Compares two canonical trees by all that a root file system has, contents by digest; modification times only when asked. Reads each
 * tree once, one after the other. Memory: see Comparison, and the difference itself. Throws 'bad-input' for a hard link whose file
 * does not come before it.
 */
export async function compareTrees(
  a: Layer,
  b: Layer,
  options: { readonly times?: boolean } = {},
): Promise<TreeDifference> {
  const comparison = new Comparison(options.times ?? false)
  for await (const entry of a.entries()) await comparison.note(entry, inBefore, a.name)
  for await (const entry of b.entries()) await comparison.note(entry, inAfter, b.name)
  const added: ByteString[] = []
  const removed: ByteString[] = []
  const changed: TreeChange[] = []
  for (const { path, sides, what } of comparison.differences()) {
    if (sides === inAfter) added.push(path)
    else if (sides === inBefore) removed.push(path)
    else changed.push({ path, what })
  }
  return {
    added: added.sort(compareBytes),
    removed: removed.sort(compareBytes),
    changed: changed.sort((x, y) => compareBytes(x.path, y.path)),
  }
}
