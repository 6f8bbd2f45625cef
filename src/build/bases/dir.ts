import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { IngotError, ioError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import type { DirBase } from '../../recipe/bases/dir.ts'
import { digestOfTree, fillFromTree, openFolder } from './tree.ts'
import type { BaseBuilder } from './types.ts'

export const dirBase: BaseBuilder<DirBase> = {
  title: ({ path }) => `dir ${path}`,
  identity: async (base, { recipeFolder }) => await digestOfTree(await treeOf(base, recipeFolder)),
  fill: async (base, context) => await fillFromTree(await treeOf(base, context.recipeFolder), context),
}

async function treeOf(base: DirBase, recipeFolder: string): Promise<Layer> {
  const path = resolve(recipeFolder, base.path)
  const found = await stat(path).catch((error) => {
    throw ioError(`read ${path}`, error)
  })
  if (!found.isDirectory()) throw new IngotError('usage', `${path} is no directory`)
  return await openFolder(path)
}
