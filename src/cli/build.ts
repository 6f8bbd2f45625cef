import { mkdirSync } from 'node:fs'
import { styleText } from 'node:util'
import { buildRecipe } from '../build/build.ts'
import type { BuildEvent } from '../build/events.ts'
import { pour } from '../formats/pour.ts'
import type { Rendition } from '../formats/types.ts'
import { defaultHome } from '../host/home.ts'
import { IngotError } from '../image/error.ts'
import { loadRecipe } from '../recipe/load.ts'
import { warn } from './run-pour.ts'
import { fileNames, identity, takeCommand } from './take.ts'
import { formatBytes, formatDuration, renderTable } from './text.ts'

export interface BuildFlags {
  readonly output: string
  readonly to?: readonly string[]
  readonly force?: boolean
  readonly home?: string
  readonly format: 'table' | 'json'
}

/** Builds a recipe and writes each of its outputs into a folder; prints what came out, and how each is taken. */
export async function buildAndPour(path: string, flags: BuildFlags): Promise<void> {
  const recipe = await loadRecipe(path)
  const outputs = flags.to ? flags.to.map((format) => ({ format })) : recipe.outputs
  if (outputs.length === 0)
    throw new IngotError('usage', `${path}: it names no outputs`, {
      hint: 'Add `outputs:` to the recipe, or use --to.',
    })
  const stem = recipe.name.replace(/[^A-Za-z0-9_.+-]+/g, '-')
  const built = await buildRecipe(recipe, { home: flags.home ?? defaultHome(), onEvent: showEvent })
  const renditions: Rendition[] = []
  try {
    mkdirSync(flags.output, { recursive: true })
    for (const output of outputs) {
      const started = Date.now()
      const rendition = await pour([built], {
        to: output.format,
        variant: 'variant' in output ? output.variant : undefined,
        compression: 'compression' in output ? output.compression : undefined,
        out: outputPath(flags.output, stem, output.format),
        force: flags.force,
        warn,
      })
      const arrow = styleText('cyan', '→', { stream: process.stderr })
      process.stderr.write(`${arrow} ${output.format} in ${formatDuration((Date.now() - started) / 1000)}\n`)
      renditions.push(rendition)
    }
  } finally {
    await built.dispose()
  }
  print(renditions, recipe.name, flags.format)
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
