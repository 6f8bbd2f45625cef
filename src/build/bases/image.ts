import { isAbsolute, join } from 'node:path'
import { openImage } from '../../formats/pour.ts'
import { ociPlatform } from '../../image/platform.ts'
import type { ImageBase } from '../../recipe/bases.ts'
import { fillFromImage } from './tree.ts'
import type { BaseBuilder } from './types.ts'

export const imageBase: BaseBuilder<ImageBase> = {
  title: ({ form, path }) => `${form} ${path}`,
  async fill({ form, path }, context) {
    const { architecture, recipeFolder } = context
    const beside = (one: string) => (isAbsolute(one) ? one : join(recipeFolder, one))
    const paths = form === 'lxd' ? path.split(',').map(beside).join() : beside(path)
    const wanted = architecture === undefined ? {} : { architecture, platform: ociPlatform(architecture) }
    const { image } = await openImage(`${form}:${paths}`, wanted)
    return { ...(await fillFromImage(image, context)), metadata: await image.metadata() }
  },
}
