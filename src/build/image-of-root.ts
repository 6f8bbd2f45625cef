import { existsSync } from 'node:fs'
import { dirFormat } from '../formats/dir/index.ts'
import { mapMetadata } from '../formats/transform.ts'
import { hostArchitecture } from '../image/platform.ts'
import type { SystemImage } from '../image/system-image.ts'
import { planCleaning } from '../layers/clean-plan.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { imageLayers } from './image-layers.ts'
import { describeBuild, type MadeRoot } from './metadata.ts'
import { resolveInRoot } from './root/resolve.ts'

/** A finished root as an image: its layers cleaned as the recipe asks, and with no time above the ceiling. */
export async function imageOfRoot(
  root: string,
  recipe: Recipe,
  made: MadeRoot,
  warn: (message: string) => void,
): Promise<SystemImage> {
  const input = { display: recipe.file, parts: [{ kind: 'directory' as const, path: root }] }
  const architecture = recipe.architecture ?? made.base?.architecture ?? hostArchitecture() // where no program in the tree tells
  const [candidate] = await dirFormat.list(input, { warn, architecture })
  const found = await candidate!.open()
  const hasInit = existsSync(resolveInRoot(root, 'sbin/init'))
  const layers = await imageLayers(made.layers, recipe.layers, planCleaning(recipe.clean), made.epoch, warn)
  const image = mapMetadata({ ...found, layers }, (said) => describeBuild(said, recipe, { ...made, hasInit }))
  return { ...image, names: [recipe.name] }
}
