import { createProgram } from '../../src/cli/program.ts'
import { commandReference } from '../../src/cli/reference.ts'
import { recipeJsonSchema } from '../../src/recipe/json-schema.ts'

/** The pages that are made from the code, by their path in the repository. */
export async function generatedDocs(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/cli.md', commandReference(createProgram())],
    ['docs/recipe.schema.json', `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`],
  ])
}
