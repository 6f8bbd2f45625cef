import { bodySize } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
import { entriesLayer } from '../../layers/entries-layer.ts'
import { oneImage } from '../one-image.ts'
import { onlyDirectory } from '../only-part.ts'
import { createTally } from '../tally.ts'
import { treeCandidate } from '../tree-candidate.ts'
import type { Format } from '../types.ts'

/** A root file system as a directory of this machine. */
export const dirFormat: Format = {
  name: 'dir',
  summary: 'root file system as a directory (writing needs root)',
  async detect(input) {
    return input.parts.length === 1 && input.parts[0]!.kind === 'directory'
  },
  async list(input, options) {
    const path = onlyDirectory(input, 'dir')
    const { walkTree } = await import('./walk.ts')
    let warn = options.warn ?? (() => {})
    async function* entries() {
      const tally = createTally(warn)
      for await (const entry of walkTree(path, tally)) {
        options.onRead?.(bodySize(entry))
        yield entry
      }
      tally.report()
      warn = () => {} // once, however often the tree is read
    }
    return [treeCandidate(input.display, entriesLayer(path, entries, { canonical: true }), options)]
  },
  async write(images, options, sink) {
    const image = oneImage(images, 'dir')
    if (process.getuid?.() !== 0) throw notRoot()
    const { path, finalPath: folder } = await sink.directory({ mayExist: false })
    const tally = createTally(options.warn)
    const { unpackTree } = await import('./unpack.ts')
    await unpackTree(options.flatten(image.layers, image.source).entries(), path, tally)
    tally.report()
    return { format: 'dir', files: [], folder }
  },
}

function notRoot(): IngotError {
  const message = 'an ordinary user cannot write a directory tree: its files belong to many owners'
  return new IngotError('unsupported', message, {
    hint: 'Run as root (sudo), or inside a user namespace (unshare --map-auto --map-root-user), or write --to rootfs.',
  })
}
