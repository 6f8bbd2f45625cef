import type { CompressOptions } from '../../compression/types.ts'
import { type Digest, digestAlgorithm, digestOf, parseDigest } from '../../image/digest.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import { ociPlatform, type Platform } from '../../image/platform.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { type BlobPromise, type BlobStore, putBytes } from '../blob-store.ts'
import { parseConfig } from './config.ts'
import { formatDocument, manifestDocument, parseDocument } from './documents.ts'
import { losesTemplates } from './lxd-annotations.ts'
import { isConfigType, type LayerCompression, mediaTypes } from './media-types.ts'
import { writeAnnotations } from './properties.ts'
import { readMetadata } from './read-metadata.ts'
import { type StoredLayerBlob, storeLayer } from './store-layer.ts'
import { formatConfig } from './write-config.ts'

export interface StoreOptions {
  readonly accepted: readonly LayerCompression[]
  readonly compression?: CompressOptions | undefined
  readonly warn: (message: string) => void
}

export interface PutImage {
  readonly manifest: BlobPromise
  readonly config: BlobPromise
  readonly layers: readonly StoredLayerBlob[]
  readonly platform: Platform
}

/**
 * Puts an image's layers, configuration and manifest into a store, in this order. The documents it was read from are
 * kept byte for byte where they still say what the image is; otherwise OCI documents are written.
 */
export async function storeImage(image: SystemImage, options: StoreOptions, store: BlobStore): Promise<PutImage> {
  const metadata = await image.metadata()
  if (losesTemplates(metadata))
    options.warn(`${image.source}: its LXD templates are too large for an OCI manifest; they are left out`)
  const layers: StoredLayerBlob[] = []
  for (const layer of image.layers) layers.push(await storeLayer(layer, options, store))
  const platform = ociPlatform(metadata.architecture)
  const kept = keptDocuments(image, metadata, layers)
  if (kept?.manifest) {
    const config = await putBytes(store, kept.config, digestAlgorithm(kept.configDigest))
    return { layers, platform, config, manifest: await putBytes(store, kept.manifest) }
  }
  const diffIds = layers.map((layer) => layer.diffId)
  const config = await putBytes(store, kept?.config ?? formatConfig(metadata, diffIds))
  const manifest = await putBytes(store, formatManifest(metadata, config, layers))
  return { layers, platform, config, manifest }
}

function formatManifest(metadata: ImageMetadata, config: BlobPromise, layers: readonly StoredLayerBlob[]): Buffer {
  const annotations = writeAnnotations(metadata)
  return formatDocument({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
  })
}

interface KeptDocuments {
  readonly config: Buffer
  readonly configDigest: Digest
  readonly manifest?: Buffer
}

/**
 * The original documents that may stay: the configuration when it has these DiffIDs and means this metadata, the
 * manifest when it also is an OCI one with these very blobs and annotations.
 */
function keptDocuments(
  image: SystemImage,
  metadata: ImageMetadata,
  layers: readonly StoredLayerBlob[],
): KeptDocuments | undefined {
  const { origin, source } = image
  if (!origin) return undefined
  const config = parseConfig(origin.config, `${source}: configuration`)
  const diffIds = layers.map((layer) => layer.diffId)
  if (!config.architecture || diffIds.join() !== config.diffIds.join()) return undefined
  const manifest = origin.manifest && parseDocument(origin.manifest, manifestDocument, `${source}: manifest`)
  const before = readMetadata({ config, annotations: manifest?.annotations ?? {}, subject: source })
  if (!formatConfig(before, diffIds).equals(formatConfig(metadata, diffIds))) return undefined
  const kept = { config: origin.config, configDigest: digestOf(origin.config) }
  if (!origin.manifest || !manifest) return kept
  const sameBlobs =
    (manifest.mediaType ?? mediaTypes.manifest) === mediaTypes.manifest &&
    isConfigType(manifest.config.mediaType) &&
    manifest.layers.length === layers.length &&
    manifest.layers.every((layer, i) => layer.digest === layers[i]!.digest && layer.size === layers[i]!.size)
  const sameAnnotations = JSON.stringify(writeAnnotations(before)) === JSON.stringify(writeAnnotations(metadata))
  if (!sameBlobs || !sameAnnotations) return kept
  const configDigest = parseDigest(manifest.config.digest, `${source}: manifest`)
  return { ...kept, configDigest, manifest: origin.manifest }
}
