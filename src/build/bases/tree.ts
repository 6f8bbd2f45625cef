import { dirFormat } from '../../formats/dir/index.ts'
import { unpackTree } from '../../formats/dir/unpack.ts'
import { rootfsFormat } from '../../formats/rootfs/index.ts'
import { createTally } from '../../formats/tally.ts'
import { sumOf } from '../../host/durable.ts'
import { openFile } from '../../host/file.ts'
import type { EntryStream } from '../../image/entry.ts'
import type { Layer } from '../../image/layer.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { writeTar } from '../../tar/write.ts'
import { keepOwnLayers } from '../own-layers.ts'
import type { BaseContext, BaseResult } from './types.ts'

/** The tree of a directory of this machine. */
export async function openFolder(path: string): Promise<Layer> {
  const [candidate] = await dirFormat.list({ display: path, parts: [{ kind: 'directory', path }] }, {})
  return (await candidate!.open()).layers[0]!
}

/** A digest of all that is in a tree: nothing but reading it tells that it is the same. */
export async function digestOfTree(tree: Layer): Promise<string> {
  return (await sumOf(writeTar(tree.entries()))).sha256
}

/** Unpacks an image into the root, keeps its layers, and what it says of itself; for the ceiling see fillFromTree. */
export async function fillFromImage(image: SystemImage, context: BaseContext): Promise<BaseResult> {
  const metadata = await image.metadata()
  const note = (message: string) => context.log.emit({ type: 'note', message })
  const layers = await keepOwnLayers(image.layers, metadata.history, context.layers, note)
  return { ...(await fillFromTree(flatten(image.layers, image.source), context)), metadata, ...(layers && { layers }) }
}

/** Unpacks the tar of a root file system into the root, as fillFromTree. */
export async function fillFromFile(path: string, context: BaseContext): Promise<BaseResult> {
  const file = await openFile(path)
  const [candidate] = await rootfsFormat.list({ display: path, parts: [{ kind: 'file', path, file }] }, {})
  const { layers, source } = await candidate!.open()
  return await fillFromTree(flatten(layers, source), context)
}

/** Unpacks a tree into the root; without a chosen ceiling, its newest entry is the ceiling. */
export async function fillFromTree(tree: Layer, context: BaseContext): Promise<BaseResult> {
  const tally = createTally((message) => context.log.emit({ type: 'warning', message }))
  let newest = 0n
  async function* watched(entries: EntryStream): EntryStream {
    for await (const entry of entries) {
      if (entry.mtime > newest) newest = entry.mtime
      yield entry
    }
  }
  await unpackTree(watched(tree.entries()), context.root, tally)
  tally.report()
  const seconds = Number((newest + 999_999_999n) / 1_000_000_000n)
  return { epoch: context.epoch ?? seconds }
}
