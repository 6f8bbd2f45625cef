import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { styleText } from 'node:util'
import { type BuiltImage, buildRecipe } from '../build/build.ts'
import type { BuildEvent } from '../build/events.ts'
import { pour } from '../formats/pour.ts'
import type { Rendition } from '../formats/types.ts'
import { defaultHome } from '../host/home.ts'
import { IngotError } from '../image/error.ts'
import { loadRecipe } from '../recipe/load.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Poured } from '../store/keep-built.ts'
import { warn } from './run-pour.ts'
import { fileNames, identity, takeCommand } from './take.ts'
import { formatBytes, formatDuration, renderTable } from './text.ts'

export interface BuildFlags {
  readonly output?: string
  readonly to?: readonly string[]
  readonly force?: boolean
  readonly home?: string
  readonly store: boolean
  readonly format: 'table' | 'json'
}

/**
 * Builds a recipe, keeps the image in the store, and writes each of its outputs into a folder when there is one; prints what came out,
 * and how each is taken.
 */
export async function buildAndPour(path: string, flags: BuildFlags): Promise<void> {
  const recipe = await loadRecipe(path)
  const folder = flags.output ?? (flags.store ? undefined : '.')
  const outputs = flags.to ? flags.to.map((format) => ({ format })) : recipe.outputs
  if (folder !== undefined && outputs.length === 0)
    throw new IngotError('usage', `${path}: it names no outputs`, {
      hint: 'Add `outputs:` to the recipe, or use --to.',
    })
  const home = flags.home ?? defaultHome()
  const built = await buildRecipe(recipe, { home, onEvent: showEvent })
  try {
    const poured = folder === undefined ? [] : await pourAll(built, outputs, folder, flags.force ?? false)
    if (flags.store) await keep(home, built, path, poured)
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

type Output = Recipe['outputs'][number]

async function pourAll(
  built: BuiltImage,
  outputs: readonly Output[],
  folder: string,
  force: boolean,
): Promise<Poured[]> {
  const stem = (built.names[0] ?? 'image').replace(/[^A-Za-z0-9_.+-]+/g, '-')
  const poured: Poured[] = []
  mkdirSync(folder, { recursive: true })
  for (const { format, variant, compression } of outputs) {
    const started = Date.now()
    const wish = { to: format, variant, compression }
    const rendition = await pour([built], { ...wish, out: outputPath(folder, stem, format), force, warn })
    tell(`${format} in ${formatDuration((Date.now() - started) / 1000)}`)
    poured.push({ wish, rendition })
  }
  return poured
}

async function keep(home: string, built: BuiltImage, recipe: string, poured: readonly Poured[]): Promise<void> {
  const { openStore } = await import('../store/store.ts')
  const { keepBuilt } = await import('../store/keep-built.ts')
  const store = await openStore(home)
  try {
    const { fingerprint, moved } = await keepBuilt(store, built, resolve(recipe), poured)
    const before = moved.length > 0 ? `; ${moved.join(', ')} was another image before` : ''
    tell(`store: ${built.names.join(', ')} ${fingerprint.slice(0, 12)}${before}`)
  } finally {
    store.close()
  }
}

function tell(text: string): void {
  process.stderr.write(`${styleText('cyan', '→', { stream: process.stderr })} ${text}\n`)
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

function showEvent(event: BuildEvent): void {
  switch (event.type) {
    case 'start':
      process.stderr.write(
        `${styleText('bold', `[${event.number}/${event.count}]`, { stream: process.stderr })} ${event.title}\n`,
      )
      break
    case 'finish':
      process.stderr.write(`      done in ${formatDuration(event.seconds)}\n`)
      break
    case 'note':
      process.stderr.write(`      ${event.message}\n`)
      break
    case 'warning':
      warn(event.message)
      break
    case 'output':
      break // The whole output is in the log, and the end of a failing step's in its error.
  }
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
