import { basename, resolve } from 'node:path'
import { probedMetadata } from '../formats/lxd/complete-metadata.ts'
import { resolveReference } from '../formats/reference.ts'
import { detectFormat, formatNamed } from '../formats/registry.ts'
import { selectCandidate } from '../formats/select.ts'
import type { ImageInput, ReadOptions } from '../formats/types.ts'
import type { ImageMetadata } from '../image/metadata.ts'
import type { Platform } from '../image/platform.ts'
import { parseAlias } from './alias-name.ts'
import type { ImageSource } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { changeImage, changeProperties } from './changes.ts'
import { insertImage, moveAliases, type NewImage } from './new-image.ts'
import type { Store } from './store.ts'
import { type TakenIn, takeIn } from './take-in.ts'
import { placeWith } from './unsettled.ts'

export interface ImportOptions extends ReadOptions {
  readonly platform?: Platform
  readonly aliases?: readonly string[]
  readonly public?: boolean
  readonly autoUpdate?: boolean
  readonly cached?: boolean
  /** Added to what the image says of itself, and stronger. */
  readonly properties?: Readonly<Record<string, string>>
  /** Seconds since the epoch; default: what the image says. */
  readonly expiresAt?: number
  /** Default: the file. */
  readonly source?: ImageSource
  /** Changes the input before it is read, for instance to count what is read. */
  readonly watch?: (input: ImageInput) => ImageInput
}

export interface Imported {
  readonly fingerprint: string
  /** It was there already; aliases were added and what was asked for was changed. */
  readonly existed: boolean
  /** Aliases that another image had before. */
  readonly moved: readonly string[]
}

/**
 * Takes the image that a reference names into the store, byte for byte. All or nothing: it can be seen when it is whole and on
 * disk. Taking the same image in again is no error. Throws what reading it throws, 'usage' for aliases, 'io'.
 */
export async function importImage(store: Store, reference: string, options: ImportOptions = {}): Promise<Imported> {
  const aliases = (options.aliases ?? []).map((name) => ({ name: parseAlias(name), description: '' }))
  const resolved = await resolveReference(reference)
  const input = options.watch?.(resolved.input) ?? resolved.input
  const format = resolved.format ? formatNamed(resolved.format) : await detectFormat(input)
  const candidates = await format.list(input, options)
  const image = await selectCandidate(candidates, { name: resolved.name, platform: options.platform }, reference).open()
  const metadata = await probedMetadata(await image.metadata(), image)
  const staging = await store.blobs.stage()
  try {
    const taken = await takeIn(staging, format.name, input, image, candidates.length === 1)
    const added = newImage(taken, metadata, input, options)
    return await store.exclusively(async (catalog) => {
      const staged = taken.files.map((file) => file.blob)
      return await placeWith(catalog, store.blobs, staged, async (inside) => {
        const now = Math.floor(Date.now() / 1000)
        const before = await inside
          .selectFrom('images')
          .select('id')
          .where('fingerprint', '=', taken.fingerprint)
          .executeTakeFirst()
        const id = before ? before.id : await insertImage(inside, added, now)
        if (before) await adjust(inside, id, options)
        const { architecture, type } = added.record
        const moved = await moveAliases(inside, { id, architecture, type }, aliases, now)
        return { fingerprint: taken.fingerprint, existed: before !== undefined, moved }
      })
    })
  } finally {
    await staging.remove()
  }
}

function newImage(taken: TakenIn, metadata: ImageMetadata, input: ImageInput, options: ImportOptions): NewImage {
  const path = input.parts[0]!.path
  const variants: Readonly<Record<string, string>> = { 'lxd 1': 'unified', 'lxd 2': 'split' }
  return {
    files: taken.files,
    record: {
      fingerprint: taken.fingerprint,
      format: taken.format,
      variant: variants[`${taken.format} ${taken.files.length}`],
      type: 'container',
      architecture: metadata.architecture,
      size: taken.files.reduce((sum, file) => sum + file.blob.size, 0),
      public: options.public ?? false,
      autoUpdate: options.autoUpdate ?? false,
      cached: options.cached ?? false,
      createdAt: metadata.created,
      expiresAt: options.expiresAt ?? metadata.expires,
      fileName: input.display === '-' ? '' : basename(path),
      source: options.source ?? { protocol: 'file', server: input.display === '-' ? '-' : resolve(path), alias: '' },
      properties: { ...metadata.properties, ...options.properties },
    },
  }
}

/** What an image that is there already gets when it is imported again. */
async function adjust(catalog: Catalog, id: number, options: ImportOptions): Promise<void> {
  await changeImage(catalog, id, {
    ...(options.public ? { public: true } : {}),
    ...(options.autoUpdate ? { autoUpdate: true } : {}),
    ...(options.cached ? {} : { cached: false }),
    ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
  })
  if (options.properties) await changeProperties(catalog, id, options.properties)
}
