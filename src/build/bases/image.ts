import { isAbsolute, join } from 'node:path'
import { openImage } from '../../formats/pour.ts'
import { resolveReference } from '../../formats/reference.ts'
import { ociPlatform } from '../../image/platform.ts'
import type { ImageBase } from '../../recipe/bases/image.ts'
import { fileDigest } from '../cache/content.ts'
import { fillFromImage } from './tree.ts'
import type { BaseBuilder } from './types.ts'

export const imageBase: BaseBuilder<ImageBase> = {
  title: ({ form, path }) => `${form} ${path}`,
  /** The files' digests; a layout's index has the digests of all that is in it. */
  async identity(base, { recipeFolder, home }) {
    const { input } = await resolveReference(`${base.form}:${pathsOf(base, recipeFolder)}`)
    const files = input.parts.map(({ kind, path }) => (kind === 'directory' ? join(path, 'index.json') : path))
    return await Promise.all(files.map(async (file) => await fileDigest(file, home.digests)))
  },
  async fill(base, context) {
    const { architecture, recipeFolder } = context
    const wanted = architecture === undefined ? {} : { architecture, platform: ociPlatform(architecture) }
    const { image } = await openImage(`${base.form}:${pathsOf(base, recipeFolder)}`, wanted)
    return await fillFromImage(image, context)
  },
}

function pathsOf({ form, path }: ImageBase, recipeFolder: string): string {
  const beside = (one: string) => (isAbsolute(one) ? one : join(recipeFolder, one))
  return form === 'lxd' ? path.split(',').map(beside).join() : beside(path)
}
