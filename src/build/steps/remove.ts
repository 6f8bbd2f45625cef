import { lstatSync, readdirSync } from 'node:fs'
import { basename, dirname, join, matchesGlob } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { IngotError } from '../../image/error.ts'
import { resolveInRoot } from '../root/resolve.ts'
import type { StepRunner } from './types.ts'

export const removeStep: StepRunner<'remove'> = {
  title: (paths) => `remove: ${paths.join(', ')}`,
  async apply(paths, { root }) {
    for (const path of paths) for (const found of matching(root, path)) await removeTree(found)
  },
}

/** Links lead on in all parts of a path but the last. */
function matching(root: string, path: string): readonly string[] {
  const trimmed = path.replace(/\/+$/, '')
  const pattern = basename(trimmed)
  if (!/[*?]/.test(pattern)) {
    const found = resolveInRoot(root, trimmed, true)
    if (lstatSync(found, { throwIfNoEntry: false }) === undefined) {
      throw new IngotError('not-found', `there is no ${path} in the image`)
    }
    return [found]
  }
  const folder = resolveInRoot(root, dirname(trimmed))
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder)
    .filter((name) => matchesGlob(name, pattern))
    .map((name) => join(folder, name))
}
