import { z } from 'zod'
import { imagePath } from '../fields.ts'

const removable = imagePath.refine((path) => /[^/]/.test(path), 'the whole image cannot be removed')

/** Removes files and folders with all that is in them. The last part of a path may have * and ?, and then need not match anything. */
export const removeSchema = z.union([
  removable.transform((path) => [path]),
  z.array(removable).min(1, 'must not be empty'),
])
