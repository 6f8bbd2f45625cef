import { walkOverlay } from '../formats/dir/overlay.ts'
import { walkTree } from '../formats/dir/walk.ts'
import { createTally } from '../formats/tally.ts'
import type { Entry } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { cleanTree } from '../layers/clean.ts'
import type { CleanOperation } from '../layers/clean-operations.ts'
import { layerDelta } from '../layers/delta.ts'
import { entriesLayer } from '../layers/entries-layer.ts'
import { flatten } from '../layers/flatten.ts'
import { clampTimes } from '../layers/times.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { fillGaps } from '../tar/fill-gaps.ts'
import { layerKey } from './cache/keys.ts'
import { type OwnLayer, openOwnLayer } from './own-layers.ts'

/** What a base or a step made. */
export interface MadeLayer {
  readonly key: string
  readonly title: string
  /** A directory of files, as an overlay's upper directory holds them; or a layer that the base came with. */
  readonly content: string | { readonly own: OwnLayer; readonly number: number; readonly folder: string }
}

/**
 * The layers of a built image, the base first: each cleaned by itself, because what is gone only from the layers above is still in the
 * image for whoever looks, and with no time above the ceiling (seconds since the epoch). Layers that the base came with stay byte for
 * byte what they are when neither has anything to do.
 */
export async function imageLayers(
  made: readonly MadeLayer[],
  wanted: Recipe['layers'],
  clean: readonly CleanOperation[],
  epoch: number,
  warn: (message: string) => void,
): Promise<readonly Layer[]> {
  const layers: Layer[] = []
  for (const [index, { title, content }] of made.entries()) {
    const read =
      typeof content === 'string'
        ? readFiles(title, content, index > 0, warn)
        : await openOwnLayer(content.folder, content.number, content.own)
    const done = typeof content !== 'string' && clean.length === 0 && content.own.newest <= epoch
    layers.push(done ? read : clampTimes(cleanTree(read, clean), epoch))
  }
  const most = wanted === 'steps' ? Infinity : wanted === 'squash' ? 1 : wanted
  if (layers.length <= most) return layers
  const all = flatten(layers)
  if (most === 1) return [all]
  const below = layers.slice(0, most - 1)
  return [
    ...below,
    layerDelta(
      flatten(below),
      all,
      made
        .slice(most - 1)
        .map(({ title }) => title)
        .join('; '),
    ),
  ]
}

/** What each layer of the image hangs on, cleaned and packed; none where layers of the build were merged. Named by `key`s of their own. */
export function packedKeys(
  made: readonly MadeLayer[],
  wanted: Recipe['layers'],
  clean: readonly CleanOperation[],
  epoch: number,
): readonly string[] {
  if (wanted === 'squash' || (wanted !== 'steps' && made.length > wanted)) return []
  const how = [clean.map(({ name }) => name), epoch, process.versions.zlib]
  return made.map(({ key }, index) => layerKey('packed', key, index > 0, how))
}

function readFiles(title: string, files: string, changes: boolean, warn: (message: string) => void): Layer {
  let once = warn
  async function* entries() {
    const tally = createTally(once)
    for await (const entry of changes ? walkOverlay(files, tally) : walkTree(files, tally)) yield withoutHoles(entry)
    tally.report()
    once = () => {} // however often it is read
  }
  return entriesLayer(title, entries, { whiteouts: changes, canonical: !changes })
}

/** Files from this size on stay as they lie on the disk: they are disks themselves, and mostly holes. */
const largeFile = 256 << 20

/** Where a file has holes is a matter of the file system and of who wrote it, and must not be one of the image's bytes. */
function withoutHoles(entry: Entry): Entry {
  const { sparse, ...plain } = entry
  if (sparse === undefined || entry.size >= largeFile) return entry
  return { ...plain, body: fillGaps(entry.body, sparse, [{ offset: 0, length: entry.size }]) }
}
