import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type BuiltNote, findBuilt, isAsWritten, writtenFile } from '../build/built.ts'
import type { PreparedBuild } from '../build/plan.ts'
import type { Rendition } from '../formats/types.ts'
import type { Output } from '../recipe/outputs.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Poured } from '../store/keep-built.ts'
import type { RenditionWish } from '../store/renditions.ts'
import type { AttachmentWish } from './build-attachments.ts'

/** What is wanted of a build. */
export interface WantedBuild {
  /** Whether the store is to have the image. */
  readonly store: boolean
  readonly outputs: readonly Output[]
  /** Where files of it are wanted; undefined: nowhere. */
  readonly folder: string | undefined
  readonly attachments: AttachmentWish
}

/** What a build of before left of all that is wanted. */
export interface BuiltBefore {
  /** Of the image in the store, when it is wanted there. */
  readonly fingerprint: string | undefined
  readonly renditions: readonly Rendition[]
}

/** Whether the same build was done before and all that is wanted of it is there; undefined when not. */
export async function builtBefore(
  recipe: Recipe,
  prepared: PreparedBuild,
  wanted: WantedBuild,
): Promise<BuiltBefore | undefined> {
  const { readCatalog } = await import('../store/catalog/read.ts')
  const { standsFor } = await import('../store/catalog/list.ts')
  const note = await findBuilt(recipe, prepared)
  if (note === undefined) return undefined
  const { fingerprint } = note
  if (wanted.store) {
    if (fingerprint === undefined || (wanted.attachments.sbom && !note.sbom)) return undefined
    if (!(await readCatalog(prepared.home.path, (database) => standsFor(database, recipe.name, fingerprint))))
      return undefined
  }
  const { folder } = wanted
  if (folder === undefined) return { fingerprint, renditions: [] }
  const written = keysOf(wanted, folder).map((key) => note.outputs[key])
  if (!written.every((output) => output?.files.every(isAsWritten))) return undefined
  return { fingerprint, renditions: written.flatMap((output) => (output?.rendition as Rendition | null) ?? []) }
}

/** What is to be remembered of a build. `files`: what was written of its attachments. */
export function noteOf(
  fingerprint: string | undefined,
  poured: readonly Poured[],
  files: readonly string[],
  { store, folder, attachments }: WantedBuild,
): BuiltNote {
  const sbom = store && attachments.sbom
  if (folder === undefined) return { fingerprint, sbom, outputs: {} }
  const outputs = poured.map(({ wish, rendition }) => {
    const paths = rendition.folder === undefined ? rendition.files.map((file) => file.path) : layoutFiles(rendition)
    const key = outputKey(wish, folder, attachments)
    return [key, { files: paths.map(writtenFile), rendition }] as const
  })
  const attached = { files: files.map(writtenFile), rendition: null }
  return {
    fingerprint,
    sbom,
    outputs: { ...Object.fromEntries(outputs), [attachmentsKey(folder, attachments)]: attached },
  }
}

/** Of a layout all that is in it; of a root file system the folder, of which nothing tells that it is as it was. */
function layoutFiles({ format, folder = '' }: Rendition): readonly string[] {
  if (format !== 'oci') return [folder]
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function keysOf({ outputs, attachments }: WantedBuild, folder: string): readonly string[] {
  return [
    ...outputs.map((output) => outputKey({ ...output, to: output.format }, folder, attachments)),
    attachmentsKey(folder, attachments),
  ]
}

function outputKey(
  { to, variant, compression }: RenditionWish,
  folder: string,
  { sbom, provenance }: AttachmentWish,
): string {
  return JSON.stringify([to, variant ?? null, compression ?? null, resolve(folder), sbom, provenance])
}

function attachmentsKey(folder: string, { sbom, provenance }: AttachmentWish): string {
  return JSON.stringify(['attachments', resolve(folder), sbom, provenance])
}
