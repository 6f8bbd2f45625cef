import { IngotError } from '../image/error.ts'
import type { SystemImage } from '../image/system-image.ts'
import type { FilePart, ImageInput } from './types.ts'

/** The image to write, for formats that hold one. Throws 'unsupported' when there are several. */
export function oneImage(images: readonly SystemImage[], format: string): SystemImage {
  const [image] = images
  if (image && images.length === 1) return image
  throw new IngotError('unsupported', `${format} holds one image, not ${images.length}`, {
    hint: 'Write each image to its own output, or choose oci.',
  })
}

/** The input's only part when that is a file, else undefined. */
export function singleFile(input: ImageInput): FilePart | undefined {
  const [part] = input.parts
  return input.parts.length === 1 && part?.kind === 'file' ? part : undefined
}
