import { IngotError } from '../image/error.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Step } from '../recipe/steps/registry.ts'
import { type BoundBase, bindBase } from './bases/registry.ts'
import { layerKey } from './cache/keys.ts'
import { chosenEpoch } from './epoch.ts'
import { type BuildHome, openHome } from './home.ts'
import type { BuildPart } from './part.ts'
import { bindStep } from './steps/registry.ts'

/** A layer to be: the base, or what a step changes. */
export interface PlannedLayer extends BuildPart {
  /** What it hangs on: the layers below it, what the recipe says, and the content that goes into it. */
  readonly key: string
  /** Undefined for the base. */
  readonly step: Step | undefined
}

export interface BuildPlan {
  readonly base: BoundBase
  /** What the base hangs on besides what the recipe says of it, as what JSON can hold. */
  readonly baseContent: unknown
  /** The base first. */
  readonly layers: readonly PlannedLayer[]
}

/** What is known of a build before anything of it is done. */
export interface PreparedBuild {
  readonly home: BuildHome
  readonly plan: BuildPlan
  /** The time ceiling that was chosen, in seconds since the epoch; undefined: the base decides. */
  readonly epoch: number | undefined
}

/** Plans a build in a home, which is made when it is not there. Throws as planBuild. */
export async function prepareBuild(recipe: Recipe, homePath: string, option?: number): Promise<PreparedBuild> {
  const epoch = chosenEpoch(option)
  const home = openHome(homePath)
  return { home, plan: await planBuild(recipe, home, epoch), epoch }
}

/**
 * What a build of a recipe consists of, without doing any of it. `epoch`: the time ceiling that the caller chose. Throws what a base or a
 * step throws when something that it takes in is not there, told where.
 */
async function planBuild(recipe: Recipe, home: BuildHome, epoch: number | undefined): Promise<BuildPlan> {
  const { architecture, fromPlace } = recipe
  const base = await bindBase(recipe.from, recipe.steps)
  const count = recipe.steps.length
  const first = { title: base.title, number: 0, count, place: `${fromPlace.file}: from` }
  const identity = await inPlace(first, () =>
    base.identity({ home, recipeFolder: fromPlace.folder, architecture, epoch }),
  )
  let key = layerKey('base', identity, architecture ?? null, epoch ?? null)
  const layers: PlannedLayer[] = [{ ...first, key, step: undefined }]
  for (const step of base.steps) {
    const number = recipe.steps.indexOf(step) + 1
    const { title, inputs } = await bindStep(step)
    const part = { title, number, count, place: `${step.place.file}:${step.place.line}: step ${number}` }
    const content = await inPlace(part, () => inputs(step.place.folder, home.digests))
    key = layerKey(key, step.kind, step.value, content ?? null)
    layers.push({ ...part, key, step })
  }
  return { base, baseContent: identity[1], layers }
}

async function inPlace<T>({ place, title }: BuildPart, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof IngotError)) throw error
    const { code, hint } = error
    throw new IngotError(code, `${place} (${title}): ${error.message}`, { cause: error, ...(hint && { hint }) })
  }
}
