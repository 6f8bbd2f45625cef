import { z } from 'zod'
import { type Architecture, architectures, findArchitecture } from '../image/platform.ts'
import { didYouMean } from '../image/suggest.ts'
import { baseSchema } from './bases/registry.ts'
import { cleanSchema } from './clean.ts'
import { oneOf, strictMap, text, textMap } from './fields.ts'
import { includeSchema } from './include.ts'
import { outputSchema } from './outputs.ts'
import { runConfigSchema } from './run-config.ts'
import { stepSchema } from './steps/registry.ts'
import { templateSchema } from './templates.ts'
import { testSchema } from './tests.ts'

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)*$/,
    'expected a name of letters, digits, . _ + - and /, like debian/12',
  )

const architecture = z.string().transform((value, context): Architecture => {
  const found = findArchitecture(value)
  if (found !== undefined) return found
  const known = [...architectures]
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(value)} is no architecture${didYouMean(value, known)}; expected ${known.join(', ')} or another name of one of them`,
  })
  return z.NEVER
})

const layersSchema = z.union([oneOf(['steps', 'squash']), z.int().min(1).max(127)]).default('steps')

const document = strictMap({
  name: name.describe('Becomes the alias of the image, like debian/12'),
  description: text.optional().describe('One line about the image'),
  include: includeSchema.optional().describe('Recipes, or parts of them, that this one goes over'),
  from: baseSchema.describe('What the image starts from'),
  architecture: architecture.optional().describe('Default: the architecture of this machine'),
  steps: z.array(stepSchema).default([]).describe('Done in order; each item has one key'),
  tests: z.array(testSchema).default([]).describe('What must be true of the finished image before anybody gets it'),
  config: runConfigSchema.prefault({}).describe('How a container of the image is run'),
  layers: layersSchema.describe(
    'Of the OCI image: one a step, one in all, or so many at most; other formats have none',
  ),
  clean: cleanSchema.prefault('standard').describe('What is taken out of the finished image'),
  outputs: z.array(outputSchema).default([]).describe('Formats to write'),
  properties: textMap.default({}).describe('Properties of the image, added to those Ingot finds out'),
  templates: z.array(templateSchema).default([]).describe('Files that LXD renders inside each instance'),
})

/** The keys of a recipe, in the order in which people are used to read them. */
export const recipeKeys: readonly string[] = Object.keys(document.shape)

/** The whole recipe, as written; its output is a Recipe without the places in the file. */
// Keys that may be left out are there all the same, as undefined.
export const recipeSchema = document.transform(({ include: _, ...value }) => ({
  ...value,
  description: value.description,
  architecture: value.architecture,
}))
