import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { sha256OfText } from '../image/text-digest.ts'
import { readText } from './file.ts'
import type { Recipe, RecipeFile } from './recipe.ts'

/** Where checked recipes are remembered, and whose check it was: another Ingot may take a recipe in another way. */
export interface RecipeMemory {
  /** For nobody's eyes but the user's. */
  readonly folder: string
  readonly by: string
}

/**
 * What loadRecipe would say of a file, without what that needs (to load the parser and the schemas takes longer than all the rest of a
 * build that has nothing to do): as it was remembered, when every file that the recipe was read from has the same text still.
 * Undefined when there is nothing like that.
 */
export function recallRecipe(file: string, { folder, by }: RecipeMemory): Recipe | undefined {
  try {
    const note = JSON.parse(readFileSync(pathOf(folder, file), 'utf8')) as { by: string; recipe: Recipe }
    const same = ({ path, sha256 }: RecipeFile) => {
      const source = resolve(dirname(file), path)
      // What comes through a pipe could not be read a second time.
      return statSync(source).isFile() && sha256OfText(readText(source)) === sha256
    }
    return note.by === by && note.recipe.sources.every(same) ? note.recipe : undefined
  } catch {
    return undefined // none, or none of use: the recipe is read, which tells what is wrong
  }
}

/** Remembers a recipe that loadRecipe has read, atomically; where that cannot be, it is read once more the next time. */
export function rememberRecipe(recipe: Recipe, { folder, by }: RecipeMemory): void {
  const text = JSON.stringify({ by, recipe })
  // JSON leaves out what is undefined, which says the same; it has no words for .nan and .inf.
  if (!isDeepStrictEqual(withoutUndefined({ by, recipe }), JSON.parse(text))) return
  const path = pathOf(folder, recipe.file)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  } catch {
    rmSync(temporary, { force: true })
  }
}

/** Places in it are told by the name that the file was given, and by its folder. */
function pathOf(folder: string, file: string): string {
  return join(folder, `${sha256OfText(JSON.stringify([file, resolve(file)]))}.json`)
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutUndefined(item)]))
}
