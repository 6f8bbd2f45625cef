import { z } from 'zod'
import { featureSchema } from './feature.ts'
import { recipeSchema } from './schema.ts'

/** The JSON Schema (2020-12) of recipes as they are written, for editors. */
export function recipeJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(recipeSchema, { io: 'input' })
  return { ...schema, title: 'Ingot recipe' }
}

/** The JSON Schema (2020-12) of a local feature's feature.yaml. */
export function featureJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(featureSchema, { io: 'input' }), title: 'Ingot feature' }
}
