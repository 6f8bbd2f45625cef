import type { ImageMetadata } from '../../image/metadata.ts'
import type { Architecture } from '../../image/platform.ts'
import type { Base } from '../../recipe/bases/registry.ts'
import type { Step } from '../../recipe/steps/registry.ts'
import type { BuildHome } from '../home.ts'
import type { BuildLog } from '../log.ts'
import type { OwnLayer } from '../own-layers.ts'

/** What a base has to work with. */
export interface BaseContext {
  /** An empty directory of root's, mode 0755: the image's root to be. */
  readonly root: string
  /** A path for keepOwnLayers: what is there afterwards stays with the root. */
  readonly layers: string
  /** A folder for passing things, on the same file system as the root and the home; gone after the build. */
  readonly work: string
  readonly home: BuildHome
  /** Absolute; relative paths of the recipe start here. */
  readonly recipeFolder: string
  /** What the recipe says; undefined: the host's or the base's own. */
  readonly architecture: Architecture | undefined
  /** The time ceiling that the caller chose, in seconds since the epoch; undefined: the base decides. */
  readonly epoch: number | undefined
  /** What servers and caches of others have now is wanted, not what they had. */
  readonly anew: boolean
  readonly log: BuildLog
}

/** What a base needs to tell what it hangs on. */
export type IdentityContext = Pick<BaseContext, 'home' | 'recipeFolder' | 'architecture' | 'epoch'>

export interface BaseResult {
  /** The newest time that anything in the image may carry, in seconds since the epoch: `context.epoch` where that is set. */
  readonly epoch: number
  /** What the base says of itself, where it is an image: the new one takes over how it is run, and its templates. */
  readonly metadata?: ImageMetadata
  /** The layers that this image came with, which are in `context.layers`; absent: the root is all there is. */
  readonly layers?: readonly OwnLayer[]
}

/** A base, and the steps that are left to do on it. */
export interface Absorbed<B extends Base> {
  readonly base: B
  readonly steps: readonly Step[]
}

/** One kind of base. */
export interface BaseBuilder<B extends Base> {
  /** For people: `debootstrap debian/bookworm`. */
  title(base: B): string
  /** The programs of the host that make it, for its provenance. Absent: none. */
  readonly programs?: readonly string[]
  /** Takes over leading steps that the base can do faster itself. Absent: none. */
  absorb?(base: B, steps: readonly Step[]): Absorbed<B>
  /**
   * All that the result of `fill` hangs on, besides the recipe's architecture and the time ceiling, as what JSON can hold: while it is
   * the same, a result of before is used. Throws as `fill` when what it names is not there.
   */
  identity(base: B, context: IdentityContext): Promise<unknown>
  /** Fills the root. */
  fill(base: B, context: BaseContext): Promise<BaseResult>
}
