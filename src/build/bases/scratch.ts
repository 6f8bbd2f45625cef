import type { ScratchBase } from '../../recipe/bases/registry.ts'
import type { BaseBuilder } from './types.ts'

/** 1 January 1980: an image made of nothing but its recipe has no date, and LXD takes none for an error. */
const noDate = 315_532_800

export const scratchBase: BaseBuilder<ScratchBase> = {
  title: () => 'scratch',
  identity: async () => null,
  async fill(_, context) {
    return { epoch: context.epoch ?? noDate }
  },
}
