import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Recipe } from '../recipe/recipe.ts'
import { fileDigest } from './cache/content.ts'
import { layerKey } from './cache/keys.ts'
import type { BuildHome } from './home.ts'
import type { BuildPlan, PreparedBuild } from './plan.ts'

/** A file that was written for a build. */
interface WrittenFile {
  readonly path: string
  /** Size, number and time of the file as it was left: what looks the same is the same. */
  readonly stamp: string
}

/** What became of a build. */
export interface BuiltNote {
  /** Of the image in the store, when it was kept there. */
  readonly fingerprint: string | undefined
  /** Whether the store has SBOMs of it. */
  readonly sbom: boolean
  /** What was written for each output, by what was wished and where. */
  readonly outputs: Readonly<Record<string, { readonly files: readonly WrittenFile[]; readonly rendition: unknown }>>
}

/** The note of a build that would do nothing new; undefined when there is none. */
export async function findBuilt(recipe: Recipe, { home, plan }: PreparedBuild): Promise<BuiltNote | undefined> {
  return readBuilt(home, await builtKey(recipe, plan, home))
}

/** What the image of a build hangs on: its layers, and all that the recipe says besides. */
export async function builtKey(recipe: Recipe, plan: BuildPlan, home: BuildHome): Promise<string> {
  const { name, description, architecture, config, layers, clean, properties } = recipe
  const tests = recipe.tests.map(({ kind, value }) => [kind, value])
  const templates = await Promise.all(
    recipe.templates.map(async ({ place, ...template }) => [
      template,
      'file' in template.source ? await fileDigest(resolve(place.folder, template.source.file), home.digests) : null,
    ]),
  )
  const said = [name, description ?? null, architecture ?? null, config, layers, clean, properties, templates, tests]
  return layerKey('image', plan.layers.at(-1)!.key, said)
}

function readBuilt(home: BuildHome, key: string): BuiltNote | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(home, key), 'utf8')) as BuiltNote
  } catch {
    return undefined // none, or none of use: the build is done once more
  }
}

/** Notes what became of a build, atomically, over what was noted of it before. */
export function noteBuilt(home: BuildHome, key: string, note: BuiltNote): void {
  const before = readBuilt(home, key)
  const whole: BuiltNote = {
    fingerprint: note.fingerprint ?? before?.fingerprint,
    sbom: note.sbom || (before?.sbom ?? false),
    outputs: { ...before?.outputs, ...note.outputs },
  }
  const temporary = `${pathOf(home, key)}.${process.pid}.tmp`
  writeFileSync(temporary, JSON.stringify(whole))
  renameSync(temporary, pathOf(home, key))
}

function pathOf(home: BuildHome, key: string): string {
  return `${home.built}/${key}.json`
}

export function writtenFile(path: string): WrittenFile {
  return { path: resolve(path), stamp: stampOf(path) ?? 'none' }
}

export function isAsWritten({ path, stamp }: WrittenFile): boolean {
  return stampOf(path) === stamp
}

/** Undefined for what is no file: a folder's stamp says nothing about what is in it. */
function stampOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found?.isFile() ? [found.dev, found.ino, found.size, found.mtimeNs].join('-') : undefined
}
