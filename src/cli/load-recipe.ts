import { homeFolders, openHome } from '../build/home.ts'
import { recipeFile } from '../recipe/file.ts'
import { recallRecipe, rememberRecipe } from '../recipe/recall.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { programId } from './program-id.ts'

/** As loadRecipe; quicker for a recipe that is remembered in this home, which is made when it is not there. Throws as openHome, too. */
export async function loadRecipeOf(path: string, home: string): Promise<Recipe> {
  const by = programId()
  const known = by === undefined ? undefined : recallRecipe(recipeFile(path), { folder: homeFolders(home).recipes, by })
  if (known) return known
  const { loadRecipe } = await import('../recipe/load.ts')
  const recipe = loadRecipe(path)
  if (by !== undefined) rememberRecipe(recipe, { folder: openHome(home).recipes, by })
  return recipe
}
