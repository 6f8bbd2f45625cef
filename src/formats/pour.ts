import type { CompressOptions } from '../compression/types.ts'
import { IngotError } from '../image/error.ts'
import { debianArchitecture } from '../image/platform.ts'
import { countedFile } from '../image/stream.ts'
import type { SystemImage } from '../image/system-image.ts'
import { inFewestReadings } from '../layers/fewest-readings.ts'
import { type Flatten, flatten } from '../layers/flatten.ts'
import { variantsOf } from './names.ts'
import { resolveReference } from './reference.ts'
import { detectFormat, formatNamed } from './registry.ts'
import { selectCandidate, type Wanted } from './select.ts'
import { fileSink } from './sink.ts'
import { mapLayers } from './transform.ts'
import type { Format, ImageInput, ReadOptions, Rendition, WriteOptions } from './types.ts'

export interface OpenOptions extends ReadOptions, Pick<Wanted, 'platform'> {
  /** Called once with the input's total size in bytes, where it is known. */
  readonly onSize?: (bytes: number) => void
}

export interface OpenedImage {
  readonly format: Format
  readonly image: SystemImage
}

/** Opens the one image that a reference names. Throws as resolveReference, detectFormat and selectCandidate do. */
export async function openImage(reference: string, options: OpenOptions = {}): Promise<OpenedImage> {
  const resolved = await resolveReference(reference)
  const input = options.onRead ? countedInput(resolved.input, options.onRead, options.onSize) : resolved.input
  const format = resolved.format ? formatNamed(resolved.format) : await detectFormat(input)
  const candidates = await format.list(input, options)
  const wanted = { name: resolved.name, platform: options.platform }
  const image = await selectCandidate(candidates, wanted, reference).open()
  // What a directory comes to is known by its blobs, where it has any.
  if (input.parts.some((part) => part.kind === 'directory')) {
    options.onSize?.(image.layers.reduce((sum, layer) => sum + (layer.blob?.size ?? 0), 0))
  }
  return { format, image }
}

export interface PourOptions {
  readonly to: string
  readonly variant?: string | undefined
  readonly compression?: CompressOptions | undefined
  /** `-`, file, prefix or folder. */
  readonly out: string
  readonly names?: readonly string[] | undefined
  readonly force?: boolean | undefined
  /** As of WriteOptions. */
  readonly attachments?: WriteOptions['attachments'] | undefined
  readonly warn: (message: string) => void
}

/** Images, or what makes them out of sources, given the way to make one tree of layers. */
export type PourInput = readonly SystemImage[] | ((flatten: Flatten) => readonly SystemImage[])

/**
 * Writes images in one format. Trees are flattened in one reading where that can be done, else in two. All files appear together at the end or, on any error, none at all.
 * Throws 'exists' before anything is read when the output is there already.
 */
export async function pour(images: PourInput, options: PourOptions): Promise<Rendition> {
  const format = formatNamed(options.to)
  const variants: readonly string[] = variantsOf[format.name]
  if (options.variant !== undefined && !variants.includes(options.variant)) {
    const known = variants.length > 0 ? `It has: ${variants.join(', ')}.` : 'It has none.'
    throw new IngotError('usage', `${format.name} has no variant ${JSON.stringify(options.variant)}`, { hint: known })
  }
  if (options.out === '-') return await writeOnce(format, images, flatten, options) // it cannot be begun again
  return await inFewestReadings((way) => writeOnce(format, images, way, options))
}

async function writeOnce(format: Format, input: PourInput, flatten: Flatten, options: PourOptions): Promise<Rendition> {
  const images = (typeof input === 'function' ? input(flatten) : input).map((image) => inGoodOrder(image, flatten))
  const sink = fileSink({
    out: options.out,
    defaultName: () => defaultName(images, options),
    force: options.force ?? false,
  })
  try {
    const rendition = await format.write(
      images,
      {
        warn: options.warn,
        flatten,
        ...(options.variant === undefined ? {} : { variant: options.variant }),
        ...(options.compression === undefined ? {} : { compression: options.compression }),
        ...(options.names === undefined ? {} : { names: options.names }),
        ...(options.attachments === undefined ? {} : { attachments: options.attachments }),
      },
      sink,
    )
    await sink.commit()
    return rendition
  } catch (error) {
    await sink.abort()
    throw error
  }
}

/** A single tree, which may come from any tar, brought into order; layered images are flattened by the formats that need it. */
function inGoodOrder(image: SystemImage, flatten: Flatten): SystemImage {
  const [only] = image.layers
  if (image.layers.length !== 1 || !only || only.whiteouts || only.canonical) return image
  return mapLayers(image, (layer) => flatten([layer], layer.name))
}

/** Like `debian-12-amd64`. */
async function defaultName(images: readonly SystemImage[], options: PourOptions): Promise<string> {
  const image = images[0]
  if (!image) return 'image'
  const name = options.names?.[0] ?? image.names[0]
  const metadata = await image.metadata().catch((error) => {
    // A tree that does not tell its architecture can still be written to formats that need none; others tell of it then.
    if (error instanceof IngotError && error.code === 'bad-input') return undefined
    throw error
  })
  const { os, release } = metadata?.properties ?? {}
  const stem = name ?? ([os, release].filter(Boolean).join('-') || 'image')
  const architecture = metadata ? `-${debianArchitecture(metadata.architecture)}` : ''
  return `${stem}${architecture}`.replace(/[^A-Za-z0-9_.+-]+/g, '-')
}

/** The same input, telling of its size and of what is read of it. */
export function countedInput(
  input: ImageInput,
  onRead: (bytes: number) => void,
  onSize?: (bytes: number) => void,
): ImageInput {
  onSize?.(input.parts.reduce((sum, part) => sum + (part.kind === 'file' ? part.file.size : 0), 0))
  return {
    display: input.display,
    parts: input.parts.map((p) => (p.kind === 'file' ? { ...p, file: countedFile(p.file, onRead) } : p)),
  }
}
