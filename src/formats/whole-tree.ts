import type { Layer } from '../image/layer.ts'
import type { SystemImage } from '../image/system-image.ts'
import { canonicalInOneReading, IrregularTree } from '../layers/canonical.ts'
import { flatten } from '../layers/flatten.ts'

/**
 * Gives the one canonical tree of an image to `write`. An ordinary single tree is read once only. When it turns out on
 * the way that its entries are in no good order, `write` fails with what the reading threw, and is called a second time
 * with the flattened tree: so it must then start anew. Where it cannot (`again` false) the tree is flattened at once.
 */
export async function withWholeTree<T>(
  image: SystemImage,
  { again }: { readonly again: boolean },
  write: (tree: Layer) => Promise<T>,
): Promise<T> {
  const [layer] = image.layers
  if (again && layer && image.layers.length === 1 && !layer.whiteouts) {
    try {
      return await write(canonicalInOneReading(layer))
    } catch (error) {
      if (!(error instanceof IrregularTree)) throw error
    }
  }
  return await write(flatten(image.layers, image.source))
}
