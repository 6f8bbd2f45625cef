import { IngotError } from '../image/error.ts'
import { ociPlatform } from '../image/platform.ts'
import type { ImageRecord } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { type FoundImage, findImage } from './find.ts'
import { importImage } from './import.ts'
import type { Store } from './store.ts'

export interface Refreshed {
  readonly before: ImageRecord
  /** The image's fingerprint now: another one when its source had something new. */
  readonly fingerprint: string
}

export interface RefreshOptions {
  /** Aliases or beginnings of fingerprints; default: all that want to be kept up to date. */
  readonly names?: readonly string[]
  /** Told of an image that could not be refreshed; the others still are. */
  readonly failed: (image: ImageRecord, error: unknown) => void
}

/**
 * Looks at where images came from. What is there now takes the aliases of what came before, in one step; that is kept for a grace time,
 * as when any image loses its last alias. Visibility and auto-update stay as they were, properties are the new image's own. Images are
 * refreshed one after the other; each is done when it is given. Throws 'not-found' before anything is done.
 */
export async function* refreshImages(store: Store, options: RefreshOptions): AsyncGenerator<Refreshed> {
  const catalog = await store.catalog()
  const names = options.names ?? (await wantingUpdates(catalog))
  const images: FoundImage[] = []
  for (const name of names) images.push(await findImage(catalog, name))
  for (const image of images) {
    try {
      yield await refresh(store, image)
    } catch (error) {
      options.failed(image.record, error)
    }
  }
}

async function wantingUpdates(catalog: Catalog): Promise<readonly string[]> {
  const rows = await catalog
    .selectFrom('images')
    .select('fingerprint')
    .where('auto_update', '=', 1)
    .where('replaced_at', 'is', null)
    .orderBy('id')
    .execute()
  return rows.map((row) => row.fingerprint)
}

async function refresh(store: Store, { id, record }: FoundImage): Promise<Refreshed> {
  const { architecture, source } = record
  const { fingerprint } = await importImage(store, referenceOf(record), {
    replaces: id,
    architecture,
    // What says nothing of its platform was taken for what it is once, and is again.
    ...(source?.alias ? { platform: ociPlatform(architecture) } : {}),
  })
  return { before: record, fingerprint }
}

/** What the image can be had from again. */
function referenceOf({ fingerprint, source }: ImageRecord): string {
  const short = fingerprint.slice(0, 12)
  if (source === undefined) throw new IngotError('unsupported', `it is not known where the image ${short} came from`)
  if (source.protocol === 'file' && source.server !== '-') {
    return source.alias === '' ? source.server : `${source.server}:${source.alias}`
  }
  const from = source.server === '-' ? 'standard input' : `${source.protocol} ${source.server}`
  throw new IngotError('unsupported', `the image ${short} came from ${from}, which cannot be asked again`, {
    ...(source.protocol === 'build' ? { hint: 'Build it again.' } : {}),
  })
}
