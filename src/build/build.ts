import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tryFolderLock } from '../host/folder-lock.ts'
import { shareFolder, withFolderLock } from '../host/lock.ts'
import type { Digest } from '../image/digest.ts'
import { messageOf } from '../image/error.ts'
import type { SystemImage } from '../image/system-image.ts'
import { planCleaning } from '../layers/clean-plan.ts'
import type { Place } from '../recipe/place.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { BlobDriver } from '../store/blobs/types.ts'
import type { BoundBase } from './bases/registry.ts'
import { type BuiltNote, builtKey, noteBuilt } from './built.ts'
import { layerKey } from './cache/keys.ts'
import {
  filesOf,
  findLayer,
  type KeptLayer,
  keepLayer,
  newLayer,
  ownLayersOf,
  settleLayers,
} from './cache/layer-cache.ts'
import { createLayerStack, type LayerStack } from './cache/layer-stack.ts'
import { environmentOf } from './environment.ts'
import type { BuildEvent } from './events.ts'
import { withShellOnFailure } from './failure-shell.ts'
import type { BuildHome } from './home.ts'
import { type MadeLayer, packedKeys } from './image-layers.ts'
import { imageOfRoot } from './image-of-root.ts'
import { type BuildLog, openLog } from './log.ts'
import type { MadeRoot } from './metadata.ts'
import type { OwnLayer } from './own-layers.ts'
import { notePacked, withPackedLayers } from './packed.ts'
import { doPart } from './part.ts'
import { type BuildPlan, type PlannedLayer, type PreparedBuild, prepareBuild } from './plan.ts'
import { requireBuilder } from './rootless.ts'
import { runInSandbox } from './sandbox/sandbox.ts'
import { type BaseSaying, readSaying, writeSaying } from './saying.ts'
import { bindStep } from './steps/registry.ts'
import type { StepContext } from './steps/types.ts'
import { runTests } from './tests/run-tests.ts'
import { type BuildFolder, openBuildFolder } from './work-folder.ts'

export interface BuildOptions {
  /** `$INGOT_HOME`: caches, logs, work folders. Made when it is not there. */
  readonly home: string
  /** Called as the build goes on. */
  readonly onEvent: (event: BuildEvent) => void
  /** What prepareBuild has found out for the same recipe, home and epoch: to find it out may mean to read much. */
  readonly prepared?: PreparedBuild
  /** Time ceiling in seconds since the epoch; default `$SOURCE_DATE_EPOCH`, else what the base says. */
  readonly epoch?: number
  /** Does this step and those after it although they were done before; 0 is the base. */
  readonly anewFrom?: number
  /** Where a step fails, the user gets a shell on standard input and output. */
  readonly shellOnFailure?: boolean
}

/** An image whose layers are read from the cache of its build. */
export interface BuiltImage extends SystemImage {
  /** The time ceiling, in seconds since the epoch. */
  readonly epoch: number
  /** The log file. */
  readonly log: string
  /** The same image for a store that may have some of its layers packed already. */
  forStore(blobs: BlobDriver): Promise<SystemImage>
  /** Notes how the store has packed the layers; `manifest`: of the image there. */
  notePacked(manifest: Digest, blobs: BlobDriver): Promise<void>
  /** Notes what became of the build, so that the same one has nothing to do. */
  note(note: BuiltNote): void
  /** Removes the work folder; the image cannot be read after that. */
  dispose(): Promise<void>
}

/**
 * Builds a recipe: its base and each of its steps is a layer, made once and kept, and those are the layers of the image, each
 * cleaned as the recipe asks and with no time above the ceiling. Same recipe, same base: same image, whatever the host's time,
 * umask, locale and time zone. On failure nothing is left but the log, and the layers of the steps before.
 * The tree is mounted while the image is in use; a process that may be killed had better have a mount namespace of its own.
 * Throws 'unsupported' for an ordinary user who is not root in a user namespace, 'missing-tool', 'command-failed' naming the step, and 'io'.
 */
export async function buildRecipe(recipe: Recipe, options: BuildOptions): Promise<BuiltImage> {
  requireBuilder()
  const { home, plan, epoch } = options.prepared ?? (await prepareBuild(recipe, options.home, options.epoch))
  const use = await shareFolder(home.layers)
  const work = await openBuildFolder(home.work)
  const stack = createLayerStack(work.path, work.root)
  const kept: KeptLayer[] = []
  // The image is whole without this; only what was kept to be quicker the next time may not outlive a power cut.
  const settle = async () => {
    try {
      await settleLayers(home.layers, kept)
    } catch (error) {
      options.onEvent({ type: 'warning', message: messageOf(error) })
    }
  }
  let settling: Promise<void> | undefined
  let disposed = false
  const dispose = async () => {
    if (disposed) return
    disposed = true
    try {
      stack.hide()
      await (settling ?? settle())
    } finally {
      await work.remove()
      await use.release()
    }
  }
  try {
    const log = openLog(home.logs, recipe.name, options.onEvent)
    try {
      const made = await makeLayers({
        kept,
        recipe,
        plan,
        home,
        work,
        log,
        stack,
        epoch,
        anewFrom: options.anewFrom ?? Infinity,
        shellOnFailure: options.shellOnFailure ?? false,
      })
      settling = settle()
      await runTests({
        recipe,
        stack,
        work: work.path,
        log,
        context: (test, onLine) => stepContext({ home, work, stack }, test.place, made.epoch, made.env, onLine),
      })
      await stack.show()
      const warn = (message: string) => log.emit({ type: 'warning', message })
      const image = await imageOfRoot(work.root, recipe, made, warn)
      const key = await builtKey(recipe, plan, home)
      const keys = packedKeys(made.layers, recipe.layers, planCleaning(recipe.clean), made.epoch)
      return {
        ...image,
        epoch: made.epoch,
        log: log.path,
        forStore: async (blobs) => await withPackedLayers(image, keys, home.packed, blobs),
        notePacked: async (manifest, blobs) => await notePacked(manifest, keys, home.packed, blobs),
        note: (note) => noteBuilt(home, key, note),
        dispose,
      }
    } finally {
      log.close()
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

interface Building {
  readonly recipe: Recipe
  readonly plan: BuildPlan
  readonly home: BuildHome
  readonly work: BuildFolder
  readonly log: BuildLog
  readonly stack: LayerStack
  readonly epoch: number | undefined
  readonly anewFrom: number
  readonly shellOnFailure: boolean
  /** Gets the layers that are used, whether the rest goes well or not. */
  readonly kept: KeptLayer[]
}

/** The layers of the base and the steps, from the cache or made now, on the stack. */
async function makeLayers(building: Building): Promise<MadeRoot> {
  const { plan, home, log, stack, anewFrom } = building
  let said: BaseSaying | undefined
  let env: Record<string, string> = {}
  const layers: MadeLayer[] = []
  for (const planned of plan.layers) {
    const { title, number, count, key, step } = planned
    if (step?.kind === 'env') Object.assign(env, step.value)
    const find = async () => (number < anewFrom ? await findLayer(home.layers, key) : undefined)
    const found = await find()
    if (found) log.emit({ type: 'cached', title, number, count })
    const layer =
      found ??
      (await doPart(planned, log, () =>
        withLayerLock(building, key, async () => (await find()) ?? (await makeLayer(building, planned, said, env))),
      ))
    building.kept.push(layer)
    if (step === undefined) {
      said = readSaying(layer.base)
      env = environmentOf(said.metadata?.run.env)
      await pastSecond(said.epoch)
    }
    if (layer.empty && step !== undefined) continue
    stack.add(layer.files)
    const own = (step === undefined && said?.layers) || undefined
    if (own === undefined) layers.push({ key, title, content: layer.files })
    else layers.push(...own.map((each, number) => madeOfOwn(key, each, number, layer.own)))
  }
  return { epoch: said!.epoch, base: said!.metadata, env, layers }
}

function madeOfOwn(base: string, own: OwnLayer, number: number, folder: string): MadeLayer {
  return { key: layerKey(base, number), title: own.title, content: { own, number, folder } }
}

/** What steps touch is later than the ceiling, and is taken back to it; also where the base was made within this very second. */
async function pastSecond(epoch: number): Promise<void> {
  const early = epoch * 1000 - Date.now()
  if (early > 0 && early <= 1000) await sleep(early)
}

/** Two builds that need the same layer make it once: the second one waits, and finds it. */
async function withLayerLock<T>({ home, log }: Building, key: string, work: () => Promise<T>): Promise<T> {
  const folder = join(home.locks, key)
  await mkdir(folder, { recursive: true })
  const taken = await tryFolderLock(folder)
  if (taken === undefined) log.emit({ type: 'note', message: 'waiting for another build that does the same' })
  await taken?.close()
  return await withFolderLock(folder, work)
}

async function makeLayer(
  building: Building,
  { key, title, number, step }: PlannedLayer,
  said: BaseSaying | undefined,
  env: Readonly<Record<string, string>>,
): Promise<KeptLayer> {
  const { home, work, stack, log } = building
  const folder = await newLayer(work.path, `layer-${number}`)
  const upper = filesOf(folder)
  if (step === undefined) {
    const base = await fillBase(building, building.plan.base, folder)
    return await keepLayer(home.layers, key, folder, { title, base })
  }
  const epoch = said!.epoch
  const onLine = (line: string) => log.emit({ type: 'output', line })
  const context = stepContext(building, step.place, epoch, env, onLine)
  const { apply } = await bindStep(step)
  await stack.change(upper, async () => {
    await (building.shellOnFailure ? withShellOnFailure(context, log, apply) : apply(context))
  })
  return await keepLayer(home.layers, key, folder, { title })
}

function stepContext(
  { home, work, stack }: Pick<Building, 'home' | 'work' | 'stack'>,
  { folder: recipeFolder }: Place,
  epoch: number,
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): StepContext {
  return {
    root: work.root,
    recipeFolder,
    caches: home.caches,
    packages: home.packages,
    work: work.path,
    epoch,
    sandbox: async (job) =>
      await runInSandbox({ onLine, ...job, env: { ...env, ...job.env }, stack, work: work.path, epoch }),
    say: onLine,
  }
}

async function fillBase(
  { recipe, home, work, log, epoch, anewFrom }: Building,
  base: BoundBase,
  folder: string,
): Promise<unknown> {
  const { architecture, fromPlace } = recipe
  const [root, layers, anew] = [filesOf(folder), ownLayersOf(folder), anewFrom <= 0]
  const context = {
    root,
    layers,
    work: work.path,
    home,
    recipeFolder: fromPlace.folder,
    architecture,
    epoch,
    anew,
    log,
  }
  return writeSaying(await base.fill(context))
}
