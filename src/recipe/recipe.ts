import type { RunConfig } from '../image/metadata.ts'
import type { Architecture } from '../image/platform.ts'
import type { CleanChoice } from '../layers/clean-plan.ts'
import type { Base } from './bases/registry.ts'
import type { Output } from './outputs.ts'
import type { Step } from './steps/registry.ts'
import type { TemplateSpec } from './templates.ts'
import type { RecipeTest } from './tests.ts'

/** A test that knows the line of the recipe that it stands in, counted from 1. */
export type PlacedTest = RecipeTest & { readonly line: number }

/** A checked recipe with all defaults filled in. */
export interface Recipe {
  /** The file as it was named, for messages. */
  readonly file: string
  /** Absolute; relative paths of the recipe start here. */
  readonly folder: string
  /** Becomes the image's alias. */
  readonly name: string
  readonly description: string | undefined
  readonly from: Base
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
  readonly templates: readonly TemplateSpec[]
}
