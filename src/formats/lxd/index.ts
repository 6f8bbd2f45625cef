import { singleFile } from '../one-image.ts'
import { isForeign } from '../tar-entries.ts'
import type { Format } from '../types.ts'
import { hasLxdMetadata } from './scan.ts'

/** LXD and Incus container images. What reads and writes them is loaded when it is needed. */
export const lxdFormat: Format = {
  name: 'lxd',
  summary: 'LXD and Incus container image, split or unified',
  /** A tar with metadata.yaml at its top level. Two files are always taken for a split image: nothing else has two. */
  async detect(input) {
    if (input.parts.length === 2) return input.parts.every((part) => part.kind === 'file')
    const part = singleFile(input)
    if (!part) return false
    try {
      return await hasLxdMetadata(part.file)
    } catch (error) {
      if (!isForeign(error)) throw error
      return false
    }
  },
  list: async (input, options) => await (await import('./read.ts')).readLxd(input, options),
  write: async (images, options, sink) => await (await import('./write.ts')).writeLxd(images, options, sink),
}
