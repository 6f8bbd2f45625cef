import { IngotError } from '../../image/error.ts'
import { flatten } from '../../layers/flatten.ts'
import { entriesLayer } from '../../layers/entries-layer.ts'
import { onlyDirectory } from '../only-part.ts'
import { oneImage } from '../one-image.ts'
import { createTally } from '../tally.ts'
import { treeCandidate } from '../tree-candidate.ts'
import type { Format } from '../types.ts'
import { unpackTree } from './unpack.ts'
import { walkTree } from './walk.ts'

/** A root file system as a directory of this machine. */
export const dirFormat: Format = {
  name: 'dir',
  summary: 'root file system as a directory (writing needs root)',
  variants: [],
  async detect(input) {
    return input.parts.length === 1 && input.parts[0]!.kind === 'directory'
  },
  async list(input, options) {
    const path = onlyDirectory(input, 'dir')
    async function* entries() {
      const tally = createTally(options.warn ?? (() => {}))
      yield* walkTree(path, tally)
      tally.report()
    }
    const layer = entriesLayer(path, entries, { canonical: true })
    return [treeCandidate(input.display, layer, options)]
  },
  async write(images, options, sink) {
    const image = oneImage(images, 'dir')
    if (process.getuid?.() !== 0) {
      throw new IngotError(
        'unsupported',
        'an ordinary user cannot write a directory tree: its files belong to many owners',
        {
          hint: 'Run as root (sudo), or inside a user namespace (unshare --map-auto --map-root-user), or write --to rootfs.',
        },
      )
    }
    const { path } = await sink.directory({ mayExist: false })
    const tally = createTally(options.warn)
    await unpackTree(flatten(image.layers, image.source).entries(), path, tally)
    tally.report()
    return { format: 'dir', files: [] }
  },
}
