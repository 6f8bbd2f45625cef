import { z } from 'zod'
import { environment, imagePath, oneOf, strictMap, text } from '../fields.ts'

const words = z.array(text).min(1, 'must not be empty')

const secret = strictMap({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'expected a name of letters, digits, _ . and -')
    .describe('The script finds it in the file /run/secrets/ID'),
  env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable')
    .optional()
    .describe('Variable of the host that has it'),
  file: text.optional().describe('File that has it, relative to the folder of the recipe, or absolute'),
}).refine(({ env, file }) => (env === undefined) !== (file === undefined), 'a secret has either env or file')

/** What may be said of a script that is run in the image. */
export const scriptShape = {
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
  network: oneOf(['host', 'none']).default('host').describe('none: nothing can be reached, not even the host'),
  caches: z
    .array(imagePath)
    .default([])
    .describe('Folders that are kept between builds and are not in the image, like /root/.npm'),
  secrets: z.array(secret).default([]),
  bind: z
    .array(strictMap({ from: text.describe('File or folder, relative to the folder of the recipe'), to: imagePath }))
    .default([])
    .describe('What the script sees, read-only, and is not in the image'),
}

const full = strictMap(scriptShape)

/** Runs a script inside the image; it stops at the first command that fails. */
export const runSchema = z.union([text.transform((script) => full.parse({ script })), full])
