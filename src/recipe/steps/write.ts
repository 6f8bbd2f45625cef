import { z } from 'zod'
import { imagePath, mode, owner, strictMap, variables } from '../fields.ts'

/** Writes a file; what was there is replaced. */
export const writeSchema = strictMap({
  path: imagePath.refine((path) => !path.endsWith('/'), 'expected the path of a file'),
  content: z.string(),
  mode: mode.default(0o644),
  owner: owner.default('root:root'),
  template: variables.optional().describe('Values of ${{ … }} in the content; without it it stays as it is'),
})
