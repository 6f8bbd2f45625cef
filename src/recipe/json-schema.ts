import { z } from 'zod'
import { recipeSchema } from './schema.ts'

/** The JSON Schema (2020-12) of recipes as they are written, for editors. */
export function recipeJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(recipeSchema, { io: 'input' })
  return { ...schema, title: 'Ingot recipe' }
}
