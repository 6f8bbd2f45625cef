import { z } from 'zod'
import { environment, imagePath, strictMap, text } from '../fields.ts'

const words = z.array(text).min(1, 'must not be empty')

const full = strictMap({
  script: text,
  /** The program that gets the script's path as its last argument. */
  interpreter: z
    .union([text.transform((line) => line.trim().split(/\s+/)), words])
    .default(['/bin/sh', '-e'])
    .describe('Program and arguments that the script file is given to; default /bin/sh -e'),
  env: environment.default({}),
  workdir: imagePath.default('/'),
  user: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'expected the name or number of a user')
    .optional(),
})

/** Runs a script inside the image; it stops at the first command that fails. */
export const runSchema = z.union([text.transform((script) => full.parse({ script })), full])
