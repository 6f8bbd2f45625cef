import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { IngotError, ioError } from '../image/error.ts'

const maxBytes = 1024 * 1024

/** The recipe's file of a path as it was given: itself, or the `ingot.yaml` in that folder. */
export function recipeFile(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  return isFolder ? join(path, 'ingot.yaml') : path
}

/** The text of a recipe, or of a part of one. Throws 'not-found', 'io', 'limit', and 'usage' when it is no UTF-8. */
export function readText(file: string): string {
  try {
    const { size } = statSync(file)
    if (size > maxBytes)
      throw new IngotError('limit', `${file}: a recipe of ${size} bytes; at most ${maxBytes} are read`)
    const bytes = readFileSync(file)
    if (isUtf8(bytes)) return bytes.toString().replace(/^\uFEFF/, '')
    throw new IngotError('usage', `${file}: a recipe is UTF-8 text, and this is not`)
  } catch (error) {
    throw ioError(`read the recipe ${file}`, error)
  }
}
