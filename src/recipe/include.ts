import { z } from 'zod'
import { text } from './fields.ts'

/** Files that a recipe takes in, relative to its folder. */
export const includeSchema = z.union([text.transform((file) => [file]), z.array(text)])
