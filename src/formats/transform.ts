import type { Layer } from '../image/layer.ts'
import type { ImageMetadata } from '../image/metadata.ts'
import type { SystemImage } from '../image/system-image.ts'

/** The same image with each layer replaced. Metadata stays; history is kept because the layers' count does. */
export function mapLayers(image: SystemImage, change: (layer: Layer) => Layer): SystemImage {
  return {
    source: image.source,
    names: image.names,
    layers: image.layers.map(change),
    metadata: () => image.metadata(),
  }
}

/** The same image with one layer in place of all; writers fit its history to that. */
export function withTree(image: SystemImage, tree: Layer): SystemImage {
  return { source: image.source, names: image.names, layers: [tree], metadata: () => image.metadata() }
}

/** The same image with other metadata. Computed once. */
export function mapMetadata(
  image: SystemImage,
  change: (metadata: ImageMetadata) => ImageMetadata | Promise<ImageMetadata>,
): SystemImage {
  let changed: Promise<ImageMetadata> | undefined
  return {
    source: image.source,
    names: image.names,
    layers: image.layers,
    metadata() {
      changed ??= image.metadata().then(change)
      return changed
    },
  }
}
