import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { dirFormat } from '../../formats/dir/index.ts'
import type { ImageInput } from '../../formats/types.ts'
import { sumOf } from '../../host/durable.ts'
import { IngotError, ioError } from '../../image/error.ts'
import type { DirBase } from '../../recipe/bases/dir.ts'
import { writeTar } from '../../tar/write.ts'
import { fillFromTree } from './tree.ts'
import type { BaseBuilder } from './types.ts'

export const dirBase: BaseBuilder<DirBase> = {
  title: ({ path }) => `dir ${path}`,
  /** The whole tree is read: nothing else tells that it is the same. */
  async identity(base, context) {
    const [candidate] = await dirFormat.list(await inputOf(base, context.recipeFolder), {})
    const image = await candidate!.open()
    return (await sumOf(writeTar(image.layers[0]!.entries()))).sha256
  },
  async fill(base, context) {
    return await fillFromTree(dirFormat, await inputOf(base, context.recipeFolder), context)
  },
}

async function inputOf(base: DirBase, recipeFolder: string): Promise<ImageInput> {
  const path = resolve(recipeFolder, base.path)
  const found = await stat(path).catch((error) => {
    throw ioError(`read ${path}`, error)
  })
  if (!found.isDirectory()) throw new IngotError('usage', `${path} is no directory`)
  return { display: path, parts: [{ kind: 'directory', path }] }
}
