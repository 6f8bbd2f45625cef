import { detectCompression } from '../../compression/detect.ts'
import type { Digest } from '../../image/digest.ts'
import { IngotError } from '../../image/error.ts'
import type { Layer, LayerBlob } from '../../image/layer.ts'
import { type ByteFile, readHead } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { tarLayer } from '../../layers/tar-layer.ts'
import type { ReadOptions } from '../types.ts'
import { parseConfig } from './config.ts'
import { shortDigest } from './read-blob.ts'
import { readMetadata } from './read-metadata.ts'

/** An image as OCI layouts, registries and Docker archives keep it. */
export interface StoredImage {
  /** For messages. */
  readonly source: string
  readonly names: readonly string[]
  /** Exact bytes, verified. */
  readonly config: Buffer
  /** Exact bytes, verified. */
  readonly manifest?: Buffer | undefined
  readonly annotations: Readonly<Record<string, string>>
  /** Bottom first. */
  readonly layers: readonly StoredLayer[]
}

export interface StoredLayer {
  readonly file: ByteFile
  /** Of the bytes as stored; absent where the format promises only DiffIDs. */
  readonly digest?: Digest | undefined
}

/**
 * The image that a configuration and layer files make. How a layer is compressed is told by its first bytes: media
 * types and file names are often wrong. Throws 'bad-input' when the configuration is malformed or its DiffIDs are not as
 * many as the layers, and as readMetadata. Layers are checked against digest, size and DiffID whenever they are read.
 */
export async function systemImage(stored: StoredImage, options: ReadOptions): Promise<SystemImage> {
  const { source, annotations } = stored
  const config = parseConfig(stored.config, `${source}: configuration`)
  const { length } = config.diffIds
  if (length !== stored.layers.length) {
    throw new IngotError(
      'bad-input',
      `${source}: the configuration counts ${length} layers (rootfs.diff_ids), the manifest ${stored.layers.length}`,
    )
  }
  const metadata = readMetadata({ config, annotations, subject: source, architecture: options.architecture })
  const layers: Layer[] = []
  for (const [i, layer] of stored.layers.entries()) {
    const diffId = config.diffIds[i]!
    const name = `${source}: layer ${i + 1} (${shortDigest(layer.digest ?? diffId)})`
    const blob = await describeBlob(layer, diffId)
    const limits = options.limits ? { limits: options.limits } : {}
    layers.push(tarLayer({ name, file: layer.file, diffId, whiteouts: true, ...(blob ? { blob } : {}), ...limits }))
  }
  const origin = { config: stored.config, ...(stored.manifest ? { manifest: stored.manifest } : {}) }
  return { source, names: stored.names, layers, metadata: async () => metadata, origin }
}

/** What is promised about a layer's stored bytes. An uncompressed one is what its DiffID names. */
async function describeBlob(layer: StoredLayer, diffId: Digest): Promise<Omit<LayerBlob, 'open'> | undefined> {
  const compression = detectCompression(await readHead(layer.file, 64))
  const digest = layer.digest ?? (compression === 'none' ? diffId : undefined)
  return digest === undefined ? undefined : { digest, size: layer.file.size, compression }
}
