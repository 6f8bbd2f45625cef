import { resolve } from 'node:path'
import { rootfsFormat } from '../../formats/rootfs/index.ts'
import { openFile } from '../../host/file.ts'
import type { RootfsBase } from '../../recipe/bases.ts'
import { fileDigest } from '../cache/content.ts'
import { fillFromTree } from './tree.ts'
import type { BaseBuilder } from './types.ts'

export const rootfsBase: BaseBuilder<RootfsBase> = {
  title: ({ file }) => `rootfs ${file}`,
  identity: async ({ file }, { recipeFolder, home }) => await fileDigest(resolve(recipeFolder, file), home.digests),
  async fill({ file: name }, context) {
    const path = resolve(context.recipeFolder, name)
    const file = await openFile(path)
    return await fillFromTree(rootfsFormat, { display: path, parts: [{ kind: 'file', path, file }] }, context)
  },
}
