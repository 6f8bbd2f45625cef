import type { Base } from '../../recipe/bases/registry.ts'
import type { Step } from '../../recipe/steps/registry.ts'
import type { BaseBuilder, BaseContext, BaseResult, IdentityContext } from './types.ts'

type Builders = { readonly [Kind in Base['kind']]: () => Promise<BaseBuilder<Extract<Base, { kind: Kind }>>> }

/** What makes each kind of base, loaded when it is wanted; their forms are in recipe/bases. */
const builders: Builders = {
  debootstrap: async () => (await import('./debootstrap.ts')).debootstrapBase,
  rootfs: async () => (await import('./rootfs.ts')).rootfsBase,
  dir: async () => (await import('./dir.ts')).dirBase,
  image: async () => (await import('./image.ts')).imageBase,
  store: async () => (await import('./store.ts')).storeBase,
  dockerfile: async () => (await import('./dockerfile.ts')).dockerfileBase,
  block: async () => (await import('./block.ts')).blockBase,
  dnf: async () => (await import('./dnf.ts')).dnfBase,
  pacstrap: async () => (await import('./pacstrap.ts')).pacstrapBase,
  scratch: async () => (await import('./scratch.ts')).scratchBase,
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
export async function bindBase(base: Base, steps: readonly Step[]): Promise<BoundBase> {
  const builder = (await builders[base.kind]()) as BaseBuilder<Base> // kind and base belong together: see the type above
  const absorbed = builder.absorb?.(base, steps) ?? { base, steps }
  return {
    title: builder.title(absorbed.base),
    programs: builder.programs ?? [],
    steps: absorbed.steps,
    identity: async (context) => [absorbed.base, await builder.identity(absorbed.base, context)],
    fill: async (context) => await builder.fill(absorbed.base, context),
  }
}
