import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { IngotError, ioError } from '../image/error.ts'
import { parseRecipeDocument } from './document.ts'
import { formatProblem, type Problem, problemsOf } from './problems.ts'
import type { Recipe } from './recipe.ts'
import { recipeSchema } from './schema.ts'

const defaultName = 'ingot.yaml'
const maxBytes = 1024 * 1024

/**
 * Reads a recipe and checks all of it; `path` is the file, or a folder with an `ingot.yaml` in it. Throws 'not-found'
 * and 'io', and 'usage' with one line for each thing that is wrong: `file:line:column: path: what was expected`.
 */
export async function loadRecipe(path: string): Promise<Recipe> {
  const { file, text } = await readRecipe(path)
  return parseRecipe(text, file)
}

/** As loadRecipe, for a text in hand; `file` is named in errors, and its folder is what relative paths start from. */
export function parseRecipe(text: string, file: string): Recipe {
  const document = parseRecipeDocument(text)
  if (document.problems.length > 0) {
    const lines = document.problems.map((problem) => `${file}:${problem.line}:${problem.column}: ${problem.message}`)
    throw new IngotError('usage', lines.join('\n'))
  }
  const result = recipeSchema.safeParse(document.value)
  if (!result.success) {
    const problems: readonly Problem[] = problemsOf(result.error.issues, document.value)
    throw new IngotError('usage', problems.map((problem) => formatProblem(file, document, problem)).join('\n'))
  }
  const recipe = result.data
  return {
    ...recipe,
    file,
    folder: resolve(dirname(file)),
    tests: recipe.tests.map((test, index) => ({ ...test, line: document.locate(['tests', index]).line })),
    steps: recipe.steps.map((step, index) => ({ ...step, line: document.locate(['steps', index]).line })),
  }
}

async function readRecipe(path: string): Promise<{ file: string; text: string }> {
  let file = path
  try {
    if ((await stat(path)).isDirectory()) file = join(path, defaultName)
    const { size } = await stat(file)
    if (size > maxBytes)
      throw new IngotError('limit', `${file}: a recipe of ${size} bytes; at most ${maxBytes} are read`)
    return { file, text: decode(await readFile(file), file) }
  } catch (error) {
    throw ioError(`read the recipe ${file}`, error)
  }
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new IngotError('usage', `${file}: a recipe is UTF-8 text, and this is not`, { cause: error })
  }
}
