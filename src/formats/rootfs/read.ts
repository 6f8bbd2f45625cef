import { IngotError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import { tarLayer } from '../../layers/tar-layer.ts'
import { singleFile } from '../one-image.ts'
import { isSquashfs } from '../squashfs/magic.ts'
import { squashfsLayer } from '../squashfs/read.ts'
import { treeCandidate } from '../tree-candidate.ts'
import type { Candidate, FilePart, ImageInput, ReadOptions } from '../types.ts'

/** The one image of a root file system file. Throws 'usage' when the input is something else than one file. */
export async function readTree(input: ImageInput, options: ReadOptions): Promise<readonly Candidate[]> {
  const part = singleFile(input)
  if (!part) throw new IngotError('usage', `${input.display}: a root file system is read from one file`)
  return [treeCandidate(input.display, await treeLayer(part, options), options)]
}

/** The tree of a tar, compressed or not, or of a squashfs. */
export async function treeLayer({ path, file }: FilePart, options: ReadOptions): Promise<Layer> {
  if (await isSquashfs(file)) return await squashfsLayer(path, file)
  const limits = options.limits ? { limits: options.limits } : {}
  return tarLayer({ name: file.name, file, whiteouts: false, ...limits })
}
