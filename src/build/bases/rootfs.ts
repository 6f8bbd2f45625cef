import { join, resolve } from 'node:path'
import { rootfsFormat } from '../../formats/rootfs/index.ts'
import { download } from '../../host/download.ts'
import { openFile } from '../../host/file.ts'
import { removeTree } from '../../host/remove-tree.ts'
import { IngotError } from '../../image/error.ts'
import { flatten } from '../../layers/flatten.ts'
import type { RootfsBase } from '../../recipe/bases/rootfs.ts'
import { fileDigest } from '../cache/content.ts'
import { fillFromTree } from './tree.ts'
import type { BaseBuilder, BaseContext, BaseResult } from './types.ts'

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
    if (!isUrl(file)) return await fillFromFile(resolve(context.recipeFolder, file), context)
    const path = join(context.home.downloads, sha256!)
    await download(file, path, { sha256: sha256! })
    const result = await fillFromFile(path, context)
    await removeTree(path) // what came of it is kept
    return result
  },
}

function isUrl(file: string): boolean {
  return /^https?:\/\//.test(file)
}

async function fillFromFile(path: string, context: BaseContext): Promise<BaseResult> {
  const file = await openFile(path)
  const [candidate] = await rootfsFormat.list({ display: path, parts: [{ kind: 'file', path, file }] }, {})
  const { layers, source } = await candidate!.open()
  return await fillFromTree(flatten(layers, source), context)
}
