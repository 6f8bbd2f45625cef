import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProgram } from '../../src/cli/program.ts'
import { commandReference } from '../../src/cli/reference.ts'
import { cleanOperations } from '../../src/layers/clean-operations.ts'
import { featureJsonSchema, recipeJsonSchema } from '../../src/recipe/json-schema.ts'

const top = join(import.meta.dirname, '../..')
const mark = '<!-- operations: made by npm run docs -->\n'

/** The pages that are made from the code, by their path in the repository. */
export async function generatedDocs(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/cli.md', commandReference(await createProgram())],
    ['docs/cleaning.md', withOperations(readFileSync(join(top, 'docs/cleaning.md'), 'utf8'))],
    ['docs/recipe.schema.json', `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`],
    ['docs/feature.schema.json', `${JSON.stringify(featureJsonSchema(), null, 2)}\n`],
  ])
}

function withOperations(page: string): string {
  const rows = cleanOperations.map(
    ({ name, summary, minimal }) => `| \`${name}\` | ${summary} | ${minimal ? 'minimal, standard' : 'standard'} |\n`,
  )
  return `${page.slice(0, page.indexOf(mark))}${mark}| operation | what goes | preset |\n|---|---|---|\n${rows.join('')}`
}
