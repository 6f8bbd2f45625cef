import { IngotError } from '../../image/error.ts'
import type { SystemImage } from '../../image/system-image.ts'
import type { BlobTree } from '../blob-tree.ts'
import type { Candidate, ReadOptions } from '../types.ts'
import { type StoredLayer, systemImage } from './image.ts'
import { type LayoutImage, layoutImages } from './layout.ts'
import { checkLayerType } from './media-types.ts'
import { openBlob, promiseOf, readBlob, shortDigest } from './read-blob.ts'

/** The images of an OCI layout. Throws as layoutImages. */
export async function layoutCandidates(tree: BlobTree, options: ReadOptions): Promise<readonly Candidate[]> {
  return (await layoutImages(tree)).map((image) => layoutCandidate(tree, image, image.names, options))
}

/** A candidate that opens as openLayoutImage does. */
export function layoutCandidate(
  tree: BlobTree,
  image: LayoutImage,
  names: readonly string[],
  options: ReadOptions,
): Candidate {
  const platform = image.platform ? { platform: image.platform } : {}
  return { names, ...platform, open: () => openLayoutImage(tree, image, names, options) }
}

/**
 * Opens one image: reads its configuration and finds its layers. Throws 'not-found' for blobs the layout does not have,
 * 'corrupt' for documents and sizes that differ from their descriptors, 'unsupported' for kinds of layers that are no
 * tar, and as systemImage.
 */
async function openLayoutImage(
  tree: BlobTree,
  image: LayoutImage,
  names: readonly string[],
  options: ReadOptions,
): Promise<SystemImage> {
  const source = names[0] === undefined ? tree.name : `${tree.name} (${names[0]})`
  if (!image.manifest) {
    await readBlob(tree, image.descriptor, `${source}: manifest`)
    throw new IngotError('bad-input', `${tree.name}: changed while it was being read`)
  }
  const { bytes, document } = image.manifest
  const layers: StoredLayer[] = []
  for (const [i, descriptor] of document.layers.entries()) {
    const subject = `${source}: layer ${i + 1} (${shortDigest(descriptor.digest)})`
    checkLayerType(descriptor.mediaType, subject)
    const { digest } = promiseOf(descriptor, subject)
    layers.push({ file: await openBlob(tree, descriptor, subject), digest })
  }
  const config = await readBlob(tree, document.config, `${source}: configuration`)
  return await systemImage(
    { source, names, config, manifest: bytes, annotations: document.annotations ?? {}, layers },
    options,
  )
}
