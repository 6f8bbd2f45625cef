import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { ioError } from '../image/error.ts'
import type { HistoryEntry, ImageMetadata, LxdTemplate, RunConfig } from '../image/metadata.ts'
import { debianArchitecture } from '../image/platform.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { environmentLines, environmentOf } from './environment.ts'
import { serialOf } from './epoch.ts'
import type { MadeLayer } from './image-layers.ts'

/** What there is besides the tree when a recipe's base and steps are done. */
export interface MadeRoot {
  /** The time ceiling, in seconds since the epoch. */
  readonly epoch: number
  /** What the base says of itself, where it is an image. */
  readonly base: ImageMetadata | undefined
  /** The base's variables, and those of the steps. */
  readonly env: Readonly<Record<string, string>>
  /** The base's layer, and those of the steps that changed something. */
  readonly layers: readonly MadeLayer[]
}

/** Properties that are about the base itself. */
const ownProperties = new Set(['name', 'description', 'serial'])

/**
 * What is said about a built image: what its base says, over it what was found in its tree, dated by its time ceiling, and over that
 * what the recipe says. `hasInit`: the tree has an init system, which is then what containers of the image run.
 */
export function describeBuild(
  found: ImageMetadata,
  recipe: Recipe,
  made: MadeRoot & { readonly hasInit: boolean },
): ImageMetadata {
  const architecture = recipe.architecture ?? found.architecture
  const { templates, templateFiles } = readTemplates(recipe, made.base)
  const inherited = Object.entries(made.base?.properties ?? {}).filter(([key]) => !ownProperties.has(key))
  return {
    ...found,
    architecture,
    created: made.epoch,
    properties: {
      ...Object.fromEntries(inherited),
      ...found.properties,
      architecture: debianArchitecture(architecture),
      serial: serialOf(made.epoch),
      name: recipe.name,
      ...(recipe.description !== undefined && { description: recipe.description }),
      ...recipe.properties,
    },
    run: runConfig(found.run, recipe.config, made),
    templates,
    templateFiles,
    history: historyOf(recipe, made),
  }
}

/** That of the base for its own layers, and one entry for each other: what made it. */
function historyOf({ layers: wanted, name }: Recipe, { epoch, layers, base }: MadeRoot): readonly HistoryEntry[] {
  if (wanted !== 'steps') return []
  const created = new Date(epoch * 1000).toISOString().replace('.000Z', 'Z')
  const entryOf = ({ title }: MadeLayer): HistoryEntry => ({
    created,
    created_by: title,
    comment: `ingot build ${name}`,
  })
  const own = layers.filter(({ content }) => typeof content !== 'string')
  const said = base?.history ?? []
  const fits = own.length > 0 && said.filter((entry) => !entry.empty_layer).length === own.length
  if (!fits) return layers.map(entryOf)
  const clamped = said.map((entry) => (isLater(entry.created, epoch) ? { ...entry, created } : entry))
  return [...clamped, ...layers.slice(own.length).map(entryOf)]
}

function isLater(time: string | undefined, epoch: number): boolean {
  return time !== undefined && !(Date.parse(time) <= epoch * 1000)
}

function runConfig(found: RunConfig, config: RunConfig, made: MadeRoot & { readonly hasInit: boolean }): RunConfig {
  const inherited = made.base?.run ?? {}
  const said = { ...inherited, ...config }
  const env = environmentLines({ ...made.env, ...environmentOf(config.env) })
  const labels = { ...inherited.labels, ...config.labels }
  return {
    ...found,
    ...(made.hasInit ? systemDefaults(said) : {}),
    ...said,
    ...(env.length > 0 ? { env } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  }
}

/** systemd shuts down in order at SIGRTMIN+3 (systemd(1)); SIGTERM would make it start itself anew. */
function systemDefaults(config: RunConfig): RunConfig {
  if (config.cmd !== undefined || config.entrypoint !== undefined) return {}
  return { cmd: ['/sbin/init'], stopSignal: 'SIGRTMIN+3' }
}

/** The recipe's, and those of the base for other files. */
function readTemplates(
  recipe: Recipe,
  base: ImageMetadata | undefined,
): Pick<ImageMetadata, 'templates' | 'templateFiles'> {
  const templateFiles = new Map<string, Buffer>()
  const targets = new Set(recipe.templates.map(({ target }) => target))
  const kept = (base?.templates ?? []).filter(({ target }) => !targets.has(target))
  for (const { template } of kept) {
    const file = base!.templateFiles.get(template)
    if (file) templateFiles.set(template, file)
  }
  const own = recipe.templates.map(({ target, when, createOnly, source, properties, place }): LxdTemplate => {
    const template = freeName(basename(target), templateFiles)
    templateFiles.set(
      template,
      'file' in source ? read(resolve(place.folder, source.file)) : Buffer.from(source.content),
    )
    return {
      target,
      when,
      template,
      ...(createOnly && { createOnly }),
      ...(Object.keys(properties).length > 0 && { properties }),
    }
  })
  return { templates: [...kept, ...own], templateFiles }
}

function freeName(stem: string, taken: ReadonlyMap<string, unknown>): string {
  let name = `${stem}.tpl`
  for (let count = 2; taken.has(name); count++) name = `${stem}-${count}.tpl`
  return name
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw ioError(`read the template ${path}`, error)
  }
}
