import type { RunConfig } from '../image/metadata.ts'
import type { Architecture } from '../image/platform.ts'
import type { CleanChoice } from '../layers/clean-plan.ts'
import type { Base } from './bases/registry.ts'
import type { Output } from './outputs.ts'
import type { Place } from './place.ts'
import type { Step } from './steps/registry.ts'
import type { TemplateSpec } from './templates.ts'
import type { RecipeTest } from './tests.ts'

interface Placed {
  readonly place: Place
}

export type PlacedTest = RecipeTest & Placed
export type PlacedTemplate = TemplateSpec & Placed

export interface RecipeFile {
  readonly path: string
  /** In hexadecimal digits. */
  readonly sha256: string
}

/** A checked recipe with all defaults filled in. */
export interface Recipe {
  /** The file as it was named, for messages. */
  readonly file: string
  /** Every file that it was read from, by its path from the recipe's folder. */
  readonly sources: readonly RecipeFile[]
  /** Becomes the image's alias. */
  readonly name: string
  readonly description: string | undefined
  readonly from: Base
  readonly fromPlace: Place
  /** Undefined: the host's, or the base's own. */
  readonly architecture: Architecture | undefined
  /** In order. */
  readonly steps: readonly Step[]
  /** In order; all are done, on the finished tree. */
  readonly tests: readonly PlacedTest[]
  readonly config: RunConfig
  /** Of the OCI image: one a step that changed something, one in all, or so many at most. */
  readonly layers: 'steps' | 'squash' | number
  readonly clean: CleanChoice
  readonly outputs: readonly Output[]
  readonly properties: Readonly<Record<string, string>>
  readonly templates: readonly PlacedTemplate[]
}
