import { relative } from 'node:path'
import { assemble } from './assemble.ts'
import { check } from './check.ts'
import type { DocumentPath } from './document.ts'
import { recipeFile } from './file.ts'
import type { Place } from './place.ts'
import type { Recipe } from './recipe.ts'
import { recipeSchema } from './schema.ts'
import { parseSource, readSource, type Source } from './source.ts'

/**
 * Reads a recipe with what it includes and uses, and checks all of it; `path` is the file, or a folder with an `ingot.yaml` in it. Throws
 * 'not-found' and 'io', and 'usage' with one line for each thing that is wrong: `file:line:column: path: what was expected`.
 */
export function loadRecipe(path: string): Recipe {
  return recipeOf(readSource(recipeFile(path)))
}

/** As loadRecipe, for a text in hand; `file` is named in errors, and its folder is what relative paths start from. */
export function parseRecipe(text: string, file: string): Recipe {
  return recipeOf(parseSource(text, file))
}

function recipeOf(written: Source): Recipe {
  const { value, sources, originOf } = assemble(written)
  const recipe = check(recipeSchema, value, originOf)
  const placeOf = (...path: DocumentPath): Place => {
    const origin = originOf(path)
    return origin.source.locate(origin.path)
  }
  return {
    ...recipe,
    file: written.file,
    sources: sources.map(({ file, sha256 }) => ({ path: relative(written.folder, file), sha256 })),
    fromPlace: placeOf('from'),
    steps: recipe.steps.map((step, index) => ({ ...step, place: placeOf('steps', index) })),
    tests: recipe.tests.map((test, index) => ({ ...test, place: placeOf('tests', index) })),
    templates: recipe.templates.map((template, index) => ({ ...template, place: placeOf('templates', index) })),
  }
}
