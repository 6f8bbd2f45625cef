import { singleFile } from '../one-image.ts'
import type { Format } from '../types.ts'
import { looksLikeTree } from './detect.ts'
import { readTree } from './read.ts'
import { writeRootfs } from './write.ts'

/** A root file system alone: a tar, plain or compressed, or a squashfs. */
export const rootfsFormat: Format = {
  name: 'rootfs',
  summary: 'root file system as a tar (reads .gz, .zst, .xz, .bz2 and squashfs too)',
  async detect(input) {
    const part = singleFile(input)
    return part !== undefined && (await looksLikeTree(part.file))
  },
  list: readTree,
  write: writeRootfs,
}
