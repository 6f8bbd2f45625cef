import { resolve } from 'node:path'
import { rootfsFormat } from '../../formats/rootfs/index.ts'
import { openFile } from '../../host/file.ts'
import type { RootfsBase } from '../../recipe/bases.ts'
import { fillFromTree } from './tree.ts'
import type { BaseBuilder } from './types.ts'

export const rootfsBase: BaseBuilder<RootfsBase> = {
  title: ({ file }) => `rootfs ${file}`,
  async fill({ file: name }, context) {
    const path = resolve(context.recipeFolder, name)
    const file = await openFile(path)
    return await fillFromTree(rootfsFormat, { display: path, parts: [{ kind: 'file', path, file }] }, context)
  },
}
