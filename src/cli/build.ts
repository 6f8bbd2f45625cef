import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BuiltImage } from '../build/build.ts'
import type { BuildEvent } from '../build/events.ts'
import { type PreparedBuild, prepareBuild } from '../build/plan.ts'
import type { Rendition } from '../formats/types.ts'
import { defaultHome } from '../host/home.ts'
import type { Digest } from '../image/digest.ts'
import { IngotError } from '../image/error.ts'
import type { SystemImage } from '../image/system-image.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Kept } from '../store/keep.ts'
import type { Poured } from '../store/keep-built.ts'
import type { Store } from '../store/store.ts'
import type { AttachmentFiles, AttachmentWish, BuildAttachments } from './build-attachments.ts'
import { type BuildProgress, createBuildProgress, type ProgressForm } from './build-progress.ts'
import { builtBefore, noteOf, type WantedBuild } from './built-before.ts'
import { junitReport, type TestOutcome } from './junit.ts'
import { loadRecipeOf } from './load-recipe.ts'
import { outputPath, requireOwnFiles, stemOf } from './output-files.ts'
import { print } from './print.ts'
import { fileNames, identity, takeCommand } from './take.ts'
import { formatBytes, formatDuration, renderTable } from './text.ts'

export interface BuildFlags {
  readonly output?: string
  readonly to?: readonly string[]
  readonly force?: boolean
  readonly home?: string
  readonly store: boolean
  /** This step and those after it are done anew; 0 is the base. */
  readonly anewFrom: number | undefined
  readonly progress?: ProgressForm
  readonly shellOnFailure?: boolean
  readonly sbom?: boolean
  readonly provenance?: boolean
  /** File for a report of the recipe's tests. */
  readonly junit?: string
  readonly format: 'table' | 'json'
}

/**
 * Builds a recipe, keeps the image in the store, and writes each of its outputs into a folder when there is one; prints what came out,
 * and how each is taken.
 */
export async function buildAndPour(path: string, flags: BuildFlags): Promise<void> {
  const home = flags.home ?? defaultHome()
  const recipe = await loadRecipeOf(path, home)
  const folder = flags.output ?? (flags.store ? undefined : '.')
  const outputs = flags.to ? flags.to.map((format) => ({ format })) : recipe.outputs
  if (folder !== undefined && outputs.length === 0)
    throw new IngotError('usage', `${path}: it names no outputs`, {
      hint: 'Add `outputs:` to the recipe, or use --to.',
    })
  if (folder !== undefined) requireOwnFiles(stemOf(recipe.name), outputs)
  const progress = createBuildProgress(flags.progress)
  const prepared = await prepareBuild(recipe, home)
  const attachments = { sbom: flags.sbom ?? false, provenance: flags.provenance ?? false }
  const wanted = { store: flags.store, outputs, folder, attachments }
  const mayBeDone = flags.anewFrom === undefined && flags.junit === undefined
  const before = mayBeDone ? await builtBefore(recipe, prepared, wanted) : undefined
  if (before) {
    progress.tell('nothing has changed since it was built')
    if (flags.store) progress.tell(`store: ${recipe.name} ${before.fingerprint!.slice(0, 12)}`)
    if (folder !== undefined) printAll(before.renditions, recipe.name, flags.format)
    return
  }
  const built = await build(recipe, prepared, flags, progress)
  let store: Store | undefined
  try {
    if (flags.store) store = await (await import('../store/store.ts')).openStore(home)
    const { buildAttachments } = await import('./build-attachments.ts')
    const attach = buildAttachments(recipe, prepared, built, (message) => progress.event({ type: 'warning', message }))
    const fingerprint = store && (await keep(store, built, path, { attach, wish: attachments }, progress))
    const where = { folder: folder ?? '', stem: stemOf(recipe.name), force: flags.force ?? false }
    const image = store ? await built.forStore(store.blobs) : built
    const poured = folder === undefined ? [] : await pourAll({ built, packed: image }, wanted, where, attach, progress)
    const renditions = poured.map(({ rendition }) => rendition)
    const files = folder === undefined ? [] : await attach.write(where, renditions, attachments)
    if (store) {
      const { keepPoured } = await import('../store/keep-built.ts')
      await keepPoured(store, fingerprint!, poured)
    }
    built.note(noteOf(fingerprint, poured, files, wanted))
    if (poured.length > 0 || !flags.store) printAll(renditions, recipe.name, flags.format)
  } finally {
    store?.close()
    await built.dispose()
  }
}

async function build(
  recipe: Recipe,
  prepared: PreparedBuild,
  { home = defaultHome(), anewFrom, junit, shellOnFailure = false }: BuildFlags,
  progress: BuildProgress,
): Promise<BuiltImage> {
  const { buildRecipe } = await import('../build/build.ts')
  const tests: TestOutcome[] = []
  const onEvent = (event: BuildEvent) => {
    if (event.type === 'test') tests.push(event)
    progress.event(event)
  }
  const options = { home, prepared, onEvent, shellOnFailure, ...(anewFrom !== undefined && { anewFrom }) }
  return await buildRecipe(recipe, options).finally(() => {
    progress.close()
    if (junit !== undefined) writeFileSync(junit, junitReport(recipe.name, tests))
  })
}

interface PourSource {
  readonly built: BuiltImage
  /** The same with the layers that the store has packed. */
  readonly packed: SystemImage
}

async function pourAll(
  { built, packed }: PourSource,
  { outputs, attachments: wish }: WantedBuild,
  { folder, stem, force }: AttachmentFiles,
  attach: BuildAttachments,
  progress: BuildProgress,
): Promise<Poured[]> {
  const warn = (message: string) => progress.event({ type: 'warning', message })
  const attachments = async (manifest: Digest) => await attach.of(manifest, wish)
  const poured: Poured[] = []
  mkdirSync(folder, { recursive: true })
  for (const output of outputs) {
    const { format, variant, compression } = output
    const started = Date.now()
    const form = { to: format, variant, compression }
    const { pour } = await import('../formats/pour.ts')
    const options = { ...form, out: outputPath(folder, stem, output), force, attachments, warn }
    const rendition = await shown(format, layered.has(format) ? packed : built, progress, (image) =>
      pour([image], options),
    )
    progress.tell(`${format} in ${formatDuration((Date.now() - started) / 1000)}`)
    poured.push({ wish: form, rendition })
  }
  return poured
}

/** Writes an image, and shows meanwhile how much of it has been read. */
async function shown<T>(
  label: string,
  image: SystemImage,
  progress: BuildProgress,
  write: (image: SystemImage) => Promise<T>,
): Promise<T> {
  const { countedLayer } = await import('../layers/counted.ts')
  const { read, done } = progress.work(label)
  try {
    return await write({ ...image, layers: image.layers.map((layer) => countedLayer(layer, read)) })
  } finally {
    done()
  }
}

/** Formats that take layers as they are packed; the others are quicker with the files. */
const layered = new Set(['oci', 'oci-archive', 'docker'])

/** Puts the image into the store, with where it comes from, whatever else is wished; the fingerprint. */
async function keep(
  store: Store,
  built: BuiltImage,
  recipe: string,
  { attach, wish }: { readonly attach: BuildAttachments; readonly wish: AttachmentWish },
  progress: BuildProgress,
): Promise<string> {
  const { attachTo } = await import('../store/attachments.ts')
  const { findImage } = await import('../store/find.ts')
  const { fingerprint, moved } = await keepPacked(store, built, resolve(recipe), progress)
  const manifest: Digest = `sha256:${fingerprint}`
  const attachments = await attach.of(manifest, { ...wish, provenance: true })
  await attachTo(store, await findImage(await store.catalog(), fingerprint), attachments)
  await built.notePacked(manifest, store.blobs)
  const before = moved.length > 0 ? `; ${moved.join(', ')} was another image before` : ''
  progress.tell(`store: ${built.names.join(', ')} ${fingerprint.slice(0, 12)}${before}`)
  return fingerprint
}

async function keepPacked(store: Store, built: BuiltImage, recipe: string, progress: BuildProgress): Promise<Kept> {
  const { keepBuilt } = await import('../store/keep-built.ts')
  const keep = async (whole: SystemImage) =>
    await shown('store', whole, progress, async (image) => await keepBuilt(store, image, recipe))
  try {
    return await keep(await built.forStore(store.blobs))
  } catch (error) {
    // A layer that the store has packed is damaged, or went in this moment: then it is packed once more.
    if (!(error instanceof IngotError && (error.code === 'corrupt' || error.code === 'not-found'))) throw error
    return await keep(built)
  }
}

function printAll(renditions: readonly Rendition[], name: string, format: 'table' | 'json'): void {
  if (format === 'json') {
    const list = renditions.map((rendition) => ({ ...rendition, take: takeCommand(rendition, name) }))
    print(`${JSON.stringify(list, null, 2)}\n`)
    return
  }
  const rows = renditions.map((rendition) => [
    rendition.variant ? `${rendition.format} (${rendition.variant})` : rendition.format,
    fileNames(rendition),
    rendition.folder ? '' : formatBytes(rendition.files.reduce((sum, file) => sum + file.size, 0)),
    identity(rendition),
  ])
  print(`\n${renderTable(['FORMAT', 'FILE', 'SIZE', 'FINGERPRINT'], rows)}\nTake it with:\n`)
  for (const rendition of renditions) print(`  ${takeCommand(rendition, name)}\n`)
}
