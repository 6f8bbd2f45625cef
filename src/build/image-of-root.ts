import { existsSync } from 'node:fs'
import { dirFormat } from '../formats/dir/index.ts'
import { mapLayers, mapMetadata } from '../formats/transform.ts'
import { hostArchitecture } from '../image/platform.ts'
import type { SystemImage } from '../image/system-image.ts'
import { cleanTree } from '../layers/clean.ts'
import { planCleaning } from '../layers/clean-plan.ts'
import { clampTimes } from '../layers/times.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { describeBuild, type MadeRoot } from './metadata.ts'
import { resolveInRoot } from './root/resolve.ts'

/** The tree of a finished root as an image: cleaned as the recipe asks, and with no time above the ceiling. */
export async function imageOfRoot(
  root: string,
  recipe: Recipe,
  made: MadeRoot,
  warn: (message: string) => void,
): Promise<SystemImage> {
  const input = { display: recipe.file, parts: [{ kind: 'directory' as const, path: root }] }
  const architecture = recipe.architecture ?? hostArchitecture() // where no program in the tree tells
  const [candidate] = await dirFormat.list(input, { warn, architecture })
  const plan = planCleaning(recipe.clean)
  const changed = mapLayers(await candidate!.open(), (layer) => clampTimes(cleanTree(layer, plan), made.epoch))
  const hasInit = existsSync(resolveInRoot(root, 'sbin/init'))
  const image = mapMetadata(changed, (found) => describeBuild(found, recipe, { ...made, hasInit }))
  return { ...image, names: [recipe.name] }
}
