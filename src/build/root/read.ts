import { lstatSync, readFileSync } from 'node:fs'
import { errnoOf, ioError } from '../../image/error.ts'
import { resolveInRoot } from './resolve.ts'

/** The content of a file in an image's root, links followed as the image itself would; undefined when there is no file. Throws 'io'. */
export function readInRoot(root: string, path: string): Buffer | undefined {
  const found = resolveInRoot(root, path)
  try {
    return lstatSync(found, { throwIfNoEntry: false })?.isFile() ? readFileSync(found) : undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined
    throw ioError(`read ${found}`, error)
  }
}
