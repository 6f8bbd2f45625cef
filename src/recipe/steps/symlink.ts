import { imagePath, strictMap, text } from '../fields.ts'

/** Makes a symbolic link; a file or link that was there is replaced. */
export const symlinkSchema = strictMap({
  path: imagePath.refine((path) => !path.endsWith('/'), 'expected the path of a link'),
  target: text.describe('Where it leads to, as it is to be written'),
})
