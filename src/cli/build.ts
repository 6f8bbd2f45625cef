import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BuiltImage } from '../build/build.ts'
import { type BuiltNote, findBuilt, isAsWritten, writtenFile } from '../build/built.ts'
import type { BuildEvent } from '../build/events.ts'
import { type PreparedBuild, prepareBuild } from '../build/plan.ts'
import type { Rendition } from '../formats/types.ts'
import { defaultHome } from '../host/home.ts'
import { IngotError } from '../image/error.ts'
import { loadRecipe } from '../recipe/load.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Kept } from '../store/keep.ts'
import type { Poured } from '../store/keep-built.ts'
import type { Store } from '../store/store.ts'
import { type BuildProgress, createBuildProgress, type ProgressForm } from './build-progress.ts'
import { junitReport, type TestOutcome } from './junit.ts'
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
  /** File for a report of the recipe's tests. */
  readonly junit?: string
  readonly format: 'table' | 'json'
}

/**
 * Builds a recipe, keeps the image in the store, and writes each of its outputs into a folder when there is one; prints what came out,
 * and how each is taken.
 */
export async function buildAndPour(path: string, flags: BuildFlags): Promise<void> {
  const recipe = loadRecipe(path)
  const folder = flags.output ?? (flags.store ? undefined : '.')
  const outputs = flags.to ? flags.to.map((format) => ({ format })) : recipe.outputs
  if (folder !== undefined && outputs.length === 0)
    throw new IngotError('usage', `${path}: it names no outputs`, {
      hint: 'Add `outputs:` to the recipe, or use --to.',
    })
  const home = flags.home ?? defaultHome()
  const progress = createBuildProgress(flags.progress ?? (process.stderr.isTTY ? 'tty' : 'plain'))
  const { anewFrom } = flags
  const prepared = await prepareBuild(recipe, home)
  const mayBeDone = anewFrom === undefined && flags.junit === undefined
  if (mayBeDone && (await isBuilt(recipe, home, prepared, { ...flags, outputs, folder }, progress))) return
  const { buildRecipe } = await import('../build/build.ts')
  const tests: TestOutcome[] = []
  const onEvent = (event: BuildEvent) => {
    if (event.type === 'test') tests.push(event)
    progress.event(event)
  }
  const built = await buildRecipe(recipe, {
    home,
    prepared,
    onEvent,
    ...(anewFrom !== undefined && { anewFrom }),
    shellOnFailure: flags.shellOnFailure ?? false,
  }).finally(() => {
    progress.close()
    if (flags.junit !== undefined) writeFileSync(flags.junit, junitReport(recipe.name, tests))
  })
  try {
    const poured = folder === undefined ? [] : await pourAll(built, outputs, folder, flags.force ?? false, progress)
    const fingerprint = flags.store ? await keep(home, built, path, poured, progress) : undefined
    built.note({ fingerprint, outputs: notesOf(poured, folder) })
    if (poured.length > 0 || !flags.store)
      print(
        poured.map((each) => each.rendition),
        recipe.name,
        flags.format,
      )
  } finally {
    await built.dispose()
  }
}

interface Wanted {
  readonly store: boolean
  readonly format: 'table' | 'json'
  readonly outputs: readonly Output[]
  readonly folder: string | undefined
}

/** Whether the same build was done before and all that it made is there; says so then. */
async function isBuilt(
  recipe: Recipe,
  home: string,
  prepared: PreparedBuild,
  wanted: Wanted,
  { tell }: BuildProgress,
): Promise<boolean> {
  const { readCatalog } = await import('../store/catalog/read.ts')
  const { standsFor } = await import('../store/catalog/list.ts')
  const note = await findBuilt(recipe, prepared)
  if (note === undefined) return false
  const { fingerprint } = note
  if (wanted.store) {
    if (fingerprint === undefined) return false
    if (!(await readCatalog(home, (database) => standsFor(database, recipe.name, fingerprint)))) return false
  }
  const { folder } = wanted
  const written = folder === undefined ? [] : wanted.outputs.map((output) => note.outputs[outputKey(output, folder)])
  if (!written.every((output) => output?.files.every(isAsWritten))) return false
  tell('nothing has changed since it was built')
  if (wanted.store) tell(`store: ${recipe.name} ${fingerprint!.slice(0, 12)}`)
  if (folder !== undefined)
    print(
      written.map((output) => output!.rendition as Rendition),
      recipe.name,
      wanted.format,
    )
  return true
}

function notesOf(poured: readonly Poured[], folder: string | undefined): BuiltNote['outputs'] {
  if (folder === undefined) return {}
  return Object.fromEntries(
    poured.map(({ wish, rendition }) => {
      const files = rendition.files.length > 0 ? rendition.files.map((file) => file.path) : [folder]
      return [outputKey({ ...wish, format: wish.to }, folder), { files: files.map(writtenFile), rendition }]
    }),
  )
}

function outputKey({ format, variant, compression }: OutputWish, folder: string): string {
  return JSON.stringify([format, variant ?? null, compression ?? null, resolve(folder)])
}

type Output = Recipe['outputs'][number]

type OutputWish = { readonly [Key in keyof Output]: Output[Key] | undefined }

async function pourAll(
  built: BuiltImage,
  outputs: readonly Output[],
  folder: string,
  force: boolean,
  progress: BuildProgress,
): Promise<Poured[]> {
  const stem = (built.names[0] ?? 'image').replace(/[^A-Za-z0-9_.+-]+/g, '-')
  const warn = (message: string) => progress.event({ type: 'warning', message })
  const poured: Poured[] = []
  mkdirSync(folder, { recursive: true })
  for (const { format, variant, compression } of outputs) {
    const started = Date.now()
    const wish = { to: format, variant, compression }
    const { pour } = await import('../formats/pour.ts')
    const rendition = await pour([built], { ...wish, out: outputPath(folder, stem, format), force, warn })
    progress.tell(`${format} in ${formatDuration((Date.now() - started) / 1000)}`)
    poured.push({ wish, rendition })
  }
  return poured
}

async function keep(
  home: string,
  built: BuiltImage,
  recipe: string,
  poured: readonly Poured[],
  { tell }: BuildProgress,
): Promise<string> {
  const { openStore } = await import('../store/store.ts')
  const store = await openStore(home)
  try {
    const { fingerprint, moved } = await keepPacked(store, built, resolve(recipe), poured)
    await built.notePacked(`sha256:${fingerprint}`, store.blobs)
    const before = moved.length > 0 ? `; ${moved.join(', ')} was another image before` : ''
    tell(`store: ${built.names.join(', ')} ${fingerprint.slice(0, 12)}${before}`)
    return fingerprint
  } finally {
    store.close()
  }
}

async function keepPacked(store: Store, built: BuiltImage, recipe: string, poured: readonly Poured[]): Promise<Kept> {
  const { keepBuilt } = await import('../store/keep-built.ts')
  try {
    return await keepBuilt(store, await built.forStore(store.blobs), recipe, poured)
  } catch (error) {
    // A layer that the store has packed is damaged, or went in this moment: then it is packed once more.
    if (!(error instanceof IngotError && (error.code === 'corrupt' || error.code === 'not-found'))) throw error
    return await keepBuilt(store, built, recipe, poured)
  }
}

/** Proxmox files go by their own convention; the others are told apart by their format. */
function outputPath(folder: string, stem: string, format: string): string {
  const base = folder.replace(/\/+$/, '')
  const names: Record<string, string> = {
    rootfs: `${stem}.rootfs.tar.zst`,
    lxd: stem,
    oci: `${stem}.oci`,
    'oci-archive': `${stem}.oci.tar`,
    docker: `${stem}.docker.tar`,
    dir: `${stem}.root`,
  }
  const name = names[format]
  return name === undefined ? `${base}/` : `${base}/${name}`
}

function print(renditions: readonly Rendition[], name: string, format: 'table' | 'json'): void {
  if (format === 'json') {
    const list = renditions.map((rendition) => ({ ...rendition, take: takeCommand(rendition, name) }))
    process.stdout.write(`${JSON.stringify(list, null, 2)}\n`)
    return
  }
  const rows = renditions.map((rendition) => [
    rendition.variant ? `${rendition.format} (${rendition.variant})` : rendition.format,
    fileNames(rendition),
    formatBytes(rendition.files.reduce((sum, file) => sum + file.size, 0)),
    identity(rendition),
  ])
  process.stdout.write(`\n${renderTable(['FORMAT', 'FILE', 'SIZE', 'FINGERPRINT'], rows)}\nTake it with:\n`)
  for (const rendition of renditions) process.stdout.write(`  ${takeCommand(rendition, name)}\n`)
}
