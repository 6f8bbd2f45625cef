import { expandText } from '../../recipe/expressions.ts'
import { findOwner } from '../root/accounts.ts'
import { placeFile } from '../root/place.ts'
import { resolveInRoot } from '../root/resolve.ts'
import type { StepRunner } from './types.ts'

export const writeStep: StepRunner<'write'> = {
  title: ({ path }) => `write: ${path}`,
  async apply({ path, content: written, mode, owner, template }, context) {
    const content = template ? expandText(written, template) : written
    const placement = { ...findOwner(context.root, owner), time: context.epoch }
    placeFile(resolveInRoot(context.root, path, true), { content }, mode, placement)
  },
}
