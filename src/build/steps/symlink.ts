import { placeLink } from '../root/place.ts'
import { resolveInRoot } from '../root/resolve.ts'
import type { StepRunner } from './types.ts'

export const symlinkStep: StepRunner<'symlink'> = {
  title: ({ path, target }) => `symlink: ${path} to ${target}`,
  async apply({ path, target }, { root, epoch }) {
    placeLink(resolveInRoot(root, path, true), target, { uid: 0, gid: 0, time: epoch })
  },
}
