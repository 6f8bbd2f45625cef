import { join, resolve } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { IngotError } from '../../image/error.ts'
import type { RootfsBase } from '../../recipe/bases/rootfs.ts'
import { fileDigest } from '../cache/content.ts'
import type { BaseBuilder } from './types.ts'

export const rootfsBase: BaseBuilder<RootfsBase> = {
  title: ({ file }) => `rootfs ${file}`,
  async identity({ file, sha256 }, { recipeFolder, home }) {
    if (isUrl(file)) return sha256
    const path = resolve(recipeFolder, file)
    const found = await fileDigest(path, home.digests)
    if (sha256 === undefined || found === sha256) return found
    throw new IngotError('corrupt', `${path}: its SHA-256 is ${found}, not ${sha256}`)
  },
  async fill({ file, sha256 }, context) {
    const { fillFromFile } = await import('./tree.ts')
    if (!isUrl(file)) return await fillFromFile(resolve(context.recipeFolder, file), context)
    const path = join(context.home.downloads, sha256!)
    const { download } = await import('../../host/download.ts')
    await download(file, path, { sha256: sha256! })
    const result = await fillFromFile(path, context)
    await removeTree(path) // what came of it is kept
    return result
  },
}

function isUrl(file: string): boolean {
  return /^https?:\/\//.test(file)
}
