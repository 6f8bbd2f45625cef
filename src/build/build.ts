import { IngotError } from '../image/error.ts'
import type { SystemImage } from '../image/system-image.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { bindBase } from './bases/registry.ts'
import { environmentOf } from './environment.ts'
import { chosenEpoch } from './epoch.ts'
import type { BuildEvent } from './events.ts'
import { type BuildHome, openHome } from './home.ts'
import { imageOfRoot } from './image-of-root.ts'
import { type BuildLog, openLog } from './log.ts'
import type { MadeRoot } from './metadata.ts'
import { doPart } from './part.ts'
import { runInSandbox } from './sandbox/sandbox.ts'
import { bindStep } from './steps/registry.ts'
import { type BuildFolder, openBuildFolder } from './work-folder.ts'

export interface BuildOptions {
  /** `$INGOT_HOME`: caches, logs, work folders. Made when it is not there. */
  readonly home: string
  /** Called as the build goes on. */
  readonly onEvent: (event: BuildEvent) => void
  /** Time ceiling in seconds since the epoch; default `$SOURCE_DATE_EPOCH`, else what the base says. */
  readonly epoch?: number
  /** Makes a cached base anew. */
  readonly refresh?: boolean
}

/** An image whose layer is read from the work folder of its build. */
export interface BuiltImage extends SystemImage {
  /** The time ceiling, in seconds since the epoch. */
  readonly epoch: number
  /** The log file. */
  readonly log: string
  /** Removes the work folder; the image cannot be read after that. */
  dispose(): Promise<void>
}

/**
 * Builds a recipe: fills a root from its base, does its steps, and gives the tree as an image of one layer, cleaned as
 * the recipe asks and with no time above the ceiling. Same recipe, same base: same image, whatever the host's time,
 * umask, locale and time zone. On failure nothing but the log is left.
 * Throws 'unsupported' for an ordinary user, 'missing-tool', 'command-failed' naming the step, and 'io'.
 */
export async function buildRecipe(recipe: Recipe, options: BuildOptions): Promise<BuiltImage> {
  requireRoot()
  const chosen = chosenEpoch(options.epoch)
  const home = await openHome(options.home)
  const work = await openBuildFolder(home.work)
  try {
    const log = openLog(home.logs, recipe.name, options.onEvent)
    try {
      const made = await fillRoot(recipe, { home, work, log, epoch: chosen, refresh: options.refresh ?? false })
      const { epoch } = made
      const warn = (message: string) => log.emit({ type: 'warning', message })
      const image = await imageOfRoot(work.root, recipe, made, warn)
      return { ...image, epoch, log: log.path, dispose: async () => await work.remove() }
    } finally {
      log.close()
    }
  } catch (error) {
    await work.remove()
    throw error
  }
}

interface Building {
  readonly home: BuildHome
  readonly work: BuildFolder
  readonly log: BuildLog
  readonly epoch: number | undefined
  readonly refresh: boolean
}

/** Does the base and the steps. */
async function fillRoot(recipe: Recipe, { home, work, log, epoch: chosen, refresh }: Building): Promise<MadeRoot> {
  const base = bindBase(recipe.from, recipe.steps)
  const count = recipe.steps.length
  const { folder: recipeFolder, architecture } = recipe
  const { epoch, metadata } = await doPart(
    { title: base.title, number: 0, count, place: `${recipe.file}: from` },
    log,
    async () =>
      await base.fill({
        root: work.root,
        work: work.path,
        home,
        recipeFolder,
        architecture,
        epoch: chosen,
        refresh,
        log,
      }),
  )
  const env = environmentOf(metadata?.run.env)
  for (const step of base.steps) {
    if (step.kind === 'env') Object.assign(env, step.value)
    const { title, apply } = bindStep(step)
    const number = recipe.steps.indexOf(step) + 1
    const place = `${recipe.file}:${step.line}: step ${number}`
    const onLine = (line: string) => log.emit({ type: 'output', line })
    await doPart({ title, number, count, place }, log, async () => {
      await apply({
        root: work.root,
        recipeFolder,
        epoch,
        sandbox: async (job) =>
          await runInSandbox({ ...job, env: { ...env, ...job.env }, root: work.root, work: work.path, epoch, onLine }),
      })
    })
  }
  return { epoch, base: metadata, env }
}

function requireRoot(): void {
  if (process.getuid?.() === 0) return
  throw new IngotError('unsupported', 'building needs root: the files of an image belong to many users', {
    hint: 'Run it with sudo.',
  })
}
