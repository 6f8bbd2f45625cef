import { type Flatten, flatten } from './flatten.ts'
import { flattenInOneReading } from './flatten-in-one-reading.ts'
import { IrregularTree } from './irregular-tree.ts'

/**
 * Does some work on flattened trees, reading each layer once where the layers' order allows it. Where that turns out not to be so, the
 * work is done again from the beginning, with two readings: it must be able to.
 */
export async function inFewestReadings<T>(work: (flatten: Flatten) => Promise<T>): Promise<T> {
  try {
    return await work(flattenInOneReading)
  } catch (error) {
    if (!(error instanceof IrregularTree)) throw error
    return await work(flatten)
  }
}
