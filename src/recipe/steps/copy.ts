import { imagePath, mode, owner, strictMap, text, variables } from '../fields.ts'

/** Copies a file or a folder's content from beside the recipe into the image. */
export const copySchema = strictMap({
  from: text.describe('File or folder, relative to the folder of the recipe'),
  to: imagePath.describe('A trailing / means: into this folder'),
  owner: owner.default('root:root'),
  mode: mode.optional().describe('Of files; default 0644, or 0755 where the source may be executed'),
  template: variables.optional().describe('Values of ${{ … }} in the files; without it they stay as they are'),
})
