import type { Layer } from '../image/layer.ts'
import { Comparison, inAfter, inBefore, type PathDifference } from './comparison.ts'

/**
 * Compares two canonical trees by all that a root file system has, contents by digest; modification times only when asked. Reads each
 * tree once, one after the other. What differs comes anew each time that it is gone through: each directory before what it holds,
 * names in byte order. Memory: see Comparison, whatever the number of differences. Throws 'bad-input' for a hard link whose file does
 * not come before it.
 */
export async function compareTrees(
  a: Layer,
  b: Layer,
  options: { readonly times?: boolean } = {},
): Promise<Iterable<PathDifference>> {
  const comparison = new Comparison(options.times ?? false)
  for await (const entry of a.entries()) await comparison.note(entry, inBefore, a.name)
  for await (const entry of b.entries()) await comparison.note(entry, inAfter, b.name)
  return { [Symbol.iterator]: () => comparison.differences() }
}
