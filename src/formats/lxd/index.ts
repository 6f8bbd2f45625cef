import { singleFile } from '../one-image.ts'
import { isForeign } from '../tar-entries.ts'
import type { Format } from '../types.ts'
import { readLxd } from './read.ts'
import { hasLxdMetadata } from './scan.ts'
import { lxdVariants, writeLxd } from './write.ts'

/** LXD and Incus container images. */
export const lxdFormat: Format = {
  name: 'lxd',
  summary: 'LXD and Incus container image, split or unified',
  variants: lxdVariants,
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
  list: readLxd,
  write: writeLxd,
}
