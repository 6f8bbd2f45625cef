import { compress } from '../../compression/compress.ts'
import type { CompressOptions } from '../../compression/types.ts'
import { displayBytes } from '../../image/bytes.ts'
import type { Digest } from '../../image/digest.ts'
import type { EntryStream } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import type { ByteStream } from '../../image/stream.ts'
import { writeTar } from '../../tar/write.ts'
import { type BlobPromise, type BlobStore, measured } from '../blob-store.ts'
import { type LayerCompression, layerMediaType } from './media-types.ts'

export interface LayerOptions {
  /** What the target's layers may have. */
  readonly accepted: readonly LayerCompression[]
  /** Asked for explicitly; else blobs are copied as they are, and other layers compressed with gzip. */
  readonly compression?: CompressOptions | undefined
}

export interface StoredLayerBlob extends BlobPromise {
  readonly mediaType: string
  /** Digest of the uncompressed tar. */
  readonly diffId: Digest
}

/**
 * Puts one layer into a store. A blob with an accepted compression is copied byte for byte, unless another compression
 * or a level is asked for; one with another compression keeps its exact tar, and so its DiffID. A layer that is no OCI
 * layer yet (it may hold sparse members, or names in a form of its own) is written anew as a canonical tar without holes.
 * Throws 'unsupported' for names that would become whiteouts, 'corrupt' when the layer breaks its promises.
 */
export async function storeLayer(layer: Layer, options: LayerOptions, store: BlobStore): Promise<StoredLayerBlob> {
  const copied = layer.whiteouts ? await copyBlob(layer, options, store) : undefined
  if (copied) return copied
  const exact = layer.whiteouts && layer.tar ? layer.tar() : undefined
  const tar = exact ?? writeTar(layer.whiteouts ? layer.entries() : withoutWhiteoutNames(layer), { sparse: 'expand' })
  const compression = options.compression ?? { kind: 'gzip' }
  const kind = acceptedKind(compression.kind, options.accepted, layer.name)
  if (kind === 'none') {
    const blob = await store.putStream(tar)
    return { ...blob, mediaType: layerMediaType(kind), diffId: (exact && layer.diffId) ?? blob.digest }
  }
  const content = measured(tar)
  const blob = await store.putStream(compress(content.stream, compression))
  const diffId = (exact && layer.diffId) ?? content.result().digest
  return { ...blob, mediaType: layerMediaType(kind), diffId }
}

async function copyBlob(
  layer: Layer,
  { accepted, compression }: LayerOptions,
  store: BlobStore,
): Promise<StoredLayerBlob | undefined> {
  const { blob } = layer
  const kind = accepted.find((k) => k === blob?.compression)
  if (!blob || kind === undefined) return undefined
  if (compression && (compression.kind !== kind || compression.level !== undefined)) return undefined
  const diffId = layer.diffId ?? (layer.tar && (await digestOfStream(layer.tar())))
  if (diffId === undefined) return undefined
  await store.putKnown(blob, () => blob.open())
  return { digest: blob.digest, size: blob.size, mediaType: layerMediaType(kind), diffId }
}

/** Throws 'unsupported' when the target's layers must not be compressed so. */
export function acceptedKind(kind: string, accepted: readonly LayerCompression[], subject: string): LayerCompression {
  const found = accepted.find((k) => k === kind)
  if (found !== undefined) return found
  throw new IngotError('unsupported', `${subject}: layers of this format cannot be compressed with ${kind}`, {
    hint: `Choose one of: ${accepted.join(', ')}.`,
  })
}

async function digestOfStream(stream: ByteStream): Promise<Digest> {
  const content = measured(stream)
  for await (const _ of content.stream);
  return content.result().digest
}

async function* withoutWhiteoutNames(layer: Layer): EntryStream {
  for await (const entry of layer.entries()) {
    if (/(^|\/)\.wh\./.test(entry.path)) {
      const path = displayBytes(entry.path)
      throw new IngotError('unsupported', `${layer.name}: an OCI layer cannot hold a file named ${path}`, {
        hint: 'Names that begin with .wh. mean deletions there. Rename or remove it.',
      })
    }
    yield entry
  }
}
