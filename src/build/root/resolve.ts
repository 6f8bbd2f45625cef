import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, IngotError, ioError } from '../../image/error.ts'

const maxLinks = 40

/**
 * The host's path of a path inside an image's root. Symbolic links are followed as the image itself would follow them:
 * absolute ones start at `root`, and `..` stops there, so the result is always inside. What is not there yet is taken as
 * it is written. With `keepLast` a link in the last place is not followed. Throws 'bad-input' when links go in circles.
 */
export function resolveInRoot(root: string, path: string, keepLast = false): string {
  const todo = path.split('/').reverse()
  let at: string[] = []
  let links = 0
  while (todo.length > 0) {
    const part = todo.pop()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      at = at.slice(0, -1)
      continue
    }
    const last = todo.every((rest) => rest === '' || rest === '.')
    const target = last && keepLast ? undefined : linkTarget(join(root, ...at, part))
    if (target === undefined) {
      at.push(part)
      continue
    }
    if (++links > maxLinks) throw new IngotError('bad-input', `${path}: too many symbolic links in the image`)
    if (target.startsWith('/')) at = []
    todo.push(...target.split('/').reverse())
  }
  return join(root, ...at)
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined
    throw ioError(`read ${path}`, error)
  }
}
