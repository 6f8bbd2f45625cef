import type { Base } from '../../recipe/bases/registry.ts'
import type { Step } from '../../recipe/steps/registry.ts'
import { blockBase } from './block.ts'
import { debootstrapBase } from './debootstrap.ts'
import { dirBase } from './dir.ts'
import { dnfBase } from './dnf.ts'
import { dockerfileBase } from './dockerfile.ts'
import { imageBase } from './image.ts'
import { pacstrapBase } from './pacstrap.ts'
import { rootfsBase } from './rootfs.ts'
import { scratchBase } from './scratch.ts'
import { storeBase } from './store.ts'
import type { BaseBuilder, BaseContext, BaseResult, IdentityContext } from './types.ts'

/** What makes each kind of base; their forms are in recipe/bases. */
const builders: { readonly [Kind in Base['kind']]: BaseBuilder<Extract<Base, { kind: Kind }>> } = {
  debootstrap: debootstrapBase,
  rootfs: rootfsBase,
  dir: dirBase,
  image: imageBase,
  store: storeBase,
  dockerfile: dockerfileBase,
  block: blockBase,
  dnf: dnfBase,
  pacstrap: pacstrapBase,
  scratch: scratchBase,
}

export interface BoundBase {
  readonly title: string
  readonly programs: readonly string[]
  /** The steps that the base does not take over. */
  readonly steps: readonly Step[]
  /** The base as the recipe has it, and all else that it hangs on. */
  identity(context: IdentityContext): Promise<readonly [base: Base, content: unknown]>
  fill(context: BaseContext): Promise<BaseResult>
}

/** A base with its builder, after it has taken over the leading steps that it can do itself. */
export function bindBase(base: Base, steps: readonly Step[]): BoundBase {
  const builder = builders[base.kind] as BaseBuilder<Base> // kind and base belong together: see the type above
  const absorbed = builder.absorb?.(base, steps) ?? { base, steps }
  return {
    title: builder.title(absorbed.base),
    programs: builder.programs ?? [],
    steps: absorbed.steps,
    identity: async (context) => [absorbed.base, await builder.identity(absorbed.base, context)],
    fill: async (context) => await builder.fill(absorbed.base, context),
  }
}
