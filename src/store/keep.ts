import type { ImageMetadata } from '../image/metadata.ts'
import { parseAlias } from './alias-name.ts'
import type { Staging } from './blobs/types.ts'
import type { ImageAlias, ImageRecord, ImageSource } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { changeImage, changeProperties } from './changes.ts'
import { deletedMeanwhile, insertImage, markIfReplaced, moveAliases, type NewImage } from './new-image.ts'
import type { Store } from './store.ts'
import type { TakenIn } from './take-in.ts'
import { placeWith } from './unsettled.ts'

export interface KeepOptions {
  readonly aliases?: readonly string[]
  readonly public?: boolean
  readonly autoUpdate?: boolean
  readonly cached?: boolean
  /** Added to what the image says of itself, and stronger. */
  readonly properties?: Readonly<Record<string, string>>
  /** Seconds since the epoch; default: what the image says. */
  readonly expiresAt?: number
  /** The id of an image that this one takes the place of, as that is then: its aliases, and whether it is public, wants updates, is cached. */
  readonly replaces?: number
}

/** Where an image comes from, and under what file name ('' for none). */
export interface Origin {
  readonly source: ImageSource
  readonly fileName: string
}

export interface Kept {
  readonly fingerprint: string
  /** It was there already; aliases were added and what was asked for was changed. */
  readonly existed: boolean
  /** Aliases that another image had before. */
  readonly moved: readonly string[]
}

/**
 * Puts an image into the store: `take` stages its bytes. All or nothing: it can be seen when it is whole and on disk. An image
 * that is there already is no error. Throws what `take` throws, 'usage' for aliases before anything is staged, 'io'.
 */
export async function keepImage(
  store: Store,
  take: (staging: Staging) => Promise<TakenIn>,
  metadata: ImageMetadata,
  origin: Origin,
  options: KeepOptions,
): Promise<Kept> {
  const aliases = (options.aliases ?? []).map((name) => ({ name: parseAlias(name), description: '' }))
  const staging = await store.blobs.stage()
  try {
    const taken = await take(staging)
    const image = newImage(taken, metadata, origin, options)
    const staged = taken.files.map((file) => file.blob)
    const enter = async (inside: Catalog): Promise<Kept> => {
      const now = Math.floor(Date.now() / 1000)
      const { fingerprint, architecture, type } = image.record
      const before = await inside
        .selectFrom('images')
        .select('id')
        .where('fingerprint', '=', fingerprint)
        .executeTakeFirst()
      if (before && before.id === options.replaces) return { fingerprint, existed: true, moved: [] }
      const place = options.replaces === undefined ? undefined : await placeOf(inside, options.replaces)
      const id = before
        ? before.id
        : await insertImage(inside, { ...image, record: { ...image.record, ...place?.flags } }, now)
      if (before) await adjust(inside, id, { ...options, ...place?.flags })
      const moved = await moveAliases(inside, { id, architecture, type }, place?.aliases ?? aliases, now)
      if (options.replaces !== undefined) await markIfReplaced(inside, options.replaces, now)
      return { fingerprint, existed: before !== undefined, moved }
    }
    return await store.exclusively((catalog) => placeWith(catalog, store.blobs, staged, enter))
  } finally {
    await staging.remove()
  }
}

function newImage(taken: TakenIn, metadata: ImageMetadata, origin: Origin, options: KeepOptions): NewImage {
  const variants: Readonly<Record<string, string>> = { 'lxd 1': 'unified', 'lxd 2': 'split' }
  return {
    files: taken.files,
    record: {
      fingerprint: taken.fingerprint,
      format: taken.format,
      variant: variants[`${taken.format} ${taken.files.length}`],
      type: taken.type ?? 'container',
      architecture: metadata.architecture,
      size: taken.files.reduce((sum, file) => sum + file.blob.size, 0),
      public: options.public ?? false,
      autoUpdate: options.autoUpdate ?? false,
      cached: options.cached ?? false,
      createdAt: metadata.created,
      expiresAt: options.expiresAt ?? metadata.expires,
      ...origin,
      properties: { ...metadata.properties, ...options.properties },
    },
  }
}

interface Place {
  readonly flags: Pick<ImageRecord, 'public' | 'autoUpdate' | 'cached'>
  readonly aliases: readonly ImageAlias[]
}

/** What an image leaves to the one that replaces it. Throws 'not-found' when it is gone meanwhile. */
async function placeOf(catalog: Catalog, id: number): Promise<Place> {
  const columns = ['public', 'auto_update', 'cached'] as const
  const row = await catalog.selectFrom('images').select(columns).where('id', '=', id).executeTakeFirst()
  if (!row) throw deletedMeanwhile()
  const flags = { public: row.public !== 0, autoUpdate: row.auto_update !== 0, cached: row.cached !== 0 }
  const aliases = catalog.selectFrom('aliases').select(['name', 'description']).where('image_id', '=', id)
  return { flags, aliases: await aliases.execute() }
}

/** What an image that is there already gets when it comes again. */
async function adjust(catalog: Catalog, id: number, options: KeepOptions): Promise<void> {
  await changeImage(catalog, id, {
    ...(options.public ? { public: true } : {}),
    ...(options.autoUpdate ? { autoUpdate: true } : {}),
    ...(options.cached ? {} : { cached: false }),
    ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
  })
  if (options.properties) await changeProperties(catalog, id, options.properties)
}
