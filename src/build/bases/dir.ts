import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { dirFormat } from '../../formats/dir/index.ts'
import { IngotError, ioError } from '../../image/error.ts'
import type { DirBase } from '../../recipe/bases.ts'
import { fillFromTree } from './tree.ts'
import type { BaseBuilder } from './types.ts'

export const dirBase: BaseBuilder<DirBase> = {
  title: ({ path }) => `dir ${path}`,
  async fill({ path: name }, context) {
    const path = resolve(context.recipeFolder, name)
    const found = await stat(path).catch((error) => {
      throw ioError(`read ${path}`, error)
    })
    if (!found.isDirectory()) throw new IngotError('usage', `${path} is no directory`)
    return await fillFromTree(dirFormat, { display: path, parts: [{ kind: 'directory', path }] }, context)
  },
}
