import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { ioError } from '../image/error.ts'
import type { ImageMetadata, LxdTemplate, RunConfig } from '../image/metadata.ts'
import { debianArchitecture } from '../image/platform.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { serialOf } from './epoch.ts'

/**
 * What is said about a built image: what was found in its tree, dated by its time ceiling, and over it what the recipe
 * says. `hasInit`: the tree has an init system, which is then what containers of the image run.
 */
export function describeBuild(
  found: ImageMetadata,
  recipe: Recipe,
  build: { readonly epoch: number; readonly hasInit: boolean },
): ImageMetadata {
  const architecture = recipe.architecture ?? found.architecture
  const { templates, templateFiles } = readTemplates(recipe)
  return {
    ...found,
    architecture,
    created: build.epoch,
    properties: {
      ...found.properties,
      architecture: debianArchitecture(architecture),
      serial: serialOf(build.epoch),
      name: recipe.name,
      ...(recipe.description !== undefined && { description: recipe.description }),
      ...recipe.properties,
    },
    run: { ...found.run, ...(build.hasInit ? systemDefaults(recipe.config) : {}), ...recipe.config },
    templates,
    templateFiles,
  }
}

/** systemd shuts down in order at SIGRTMIN+3 (systemd(1)); SIGTERM would make it start itself anew. */
function systemDefaults(config: RunConfig): RunConfig {
  if (config.cmd !== undefined || config.entrypoint !== undefined) return {}
  return { cmd: ['/sbin/init'], stopSignal: 'SIGRTMIN+3' }
}

function readTemplates(recipe: Recipe): Pick<ImageMetadata, 'templates' | 'templateFiles'> {
  const templateFiles = new Map<string, Buffer>()
  const templates = recipe.templates.map(({ target, when, createOnly, source, properties }): LxdTemplate => {
    const template = freeName(basename(target), templateFiles)
    templateFiles.set(template, 'file' in source ? read(recipe, source.file) : Buffer.from(source.content))
    return {
      target,
      when,
      template,
      ...(createOnly && { createOnly }),
      ...(Object.keys(properties).length > 0 && { properties }),
    }
  })
  return { templates, templateFiles }
}

function freeName(stem: string, taken: ReadonlyMap<string, unknown>): string {
  let name = `${stem}.tpl`
  for (let count = 2; taken.has(name); count++) name = `${stem}-${count}.tpl`
  return name
}

function read(recipe: Recipe, file: string): Buffer {
  const path = resolve(recipe.folder, file)
  try {
    return readFileSync(path)
  } catch (error) {
    throw ioError(`read the template ${path}`, error)
  }
}
