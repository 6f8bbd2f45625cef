import { unpackTree } from '../../formats/dir/unpack.ts'
import { createTally } from '../../formats/tally.ts'
import type { Format, ImageInput } from '../../formats/types.ts'
import type { EntryStream } from '../../image/entry.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { keepOwnLayers } from '../own-layers.ts'
import type { BaseContext, BaseResult } from './types.ts'

/** Unpacks the one image of an input, a tree, into the root; without a chosen ceiling, its newest entry is the ceiling. */
export async function fillFromTree(format: Format, input: ImageInput, context: BaseContext): Promise<BaseResult> {
  const [candidate] = await format.list(input, {})
  return await unpackImage(await candidate!.open(), context)
}

/** As fillFromTree, for an image that says something of itself, and whose layers are kept. */
export async function fillFromImage(image: SystemImage, context: BaseContext): Promise<BaseResult> {
  const metadata = await image.metadata()
  const note = (message: string) => context.log.emit({ type: 'note', message })
  const layers = await keepOwnLayers(image.layers, metadata.history, context.layers, note)
  return { ...(await unpackImage(image, context)), metadata, ...(layers && { layers }) }
}

async function unpackImage(image: SystemImage, context: BaseContext): Promise<BaseResult> {
  const tally = createTally((message) => context.log.emit({ type: 'warning', message }))
  let newest = 0n
  async function* watched(entries: EntryStream): EntryStream {
    for await (const entry of entries) {
      if (entry.mtime > newest) newest = entry.mtime
      yield entry
    }
  }
  await unpackTree(watched(flatten(image.layers, image.source).entries()), context.root, tally)
  tally.report()
  const seconds = Number((newest + 999_999_999n) / 1_000_000_000n)
  return { epoch: context.epoch ?? seconds }
}
