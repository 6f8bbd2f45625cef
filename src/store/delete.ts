import { chunksOf } from './catalog/chunks.ts'
import type { ImageRecord } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { type FoundImage, findImage, type Which } from './find.ts'
import { freedBy } from './freed.ts'
import { useReserve } from './reserve.ts'
import type { Store } from './store.ts'
import { removeWith } from './unsettled.ts'

export interface Deleted {
  readonly images: readonly ImageRecord[]
  /** Bytes of blobs that nothing else needs. */
  readonly bytes: number
}

/**
 * Deletes images with their aliases and renditions: all of them, or none when one is not found. With `dryRun` says only what would
 * go. The space is free when this resolves.
 */
export async function deleteImages(
  store: Store,
  names: readonly string[],
  options: Which & { readonly dryRun?: boolean } = {},
): Promise<Deleted> {
  if (!options.dryRun) useReserve(store.path, 'delete')
  return await store.exclusively(async (catalog) => {
    const found = new Map<number, FoundImage>()
    for (const name of names) {
      const image = await findImage(catalog, name, options)
      found.set(image.id, image)
    }
    const ids = [...found.keys()]
    const { total } = await freedBy(catalog, { images: new Set(ids), renditions: new Set() })
    if (!options.dryRun) await removeImages(store, catalog, ids)
    return { images: [...found.values()].map((image) => image.record), bytes: total }
  })
}

/** Deletes images by id, in one step; the caller holds the store's lock. */
export async function removeImages(store: Store, catalog: Catalog, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  const chunks = chunksOf(ids)
  await removeWith(
    catalog,
    store.blobs,
    async (inside) => {
      const digests = new Set<string>()
      for (const chunk of chunks) for (const digest of await blobsOf(inside, chunk)) digests.add(digest)
      return [...digests]
    },
    async (inside) => {
      for (const chunk of chunks) await inside.deleteFrom('images').where('id', 'in', chunk).execute()
    },
  )
}

async function blobsOf(catalog: Catalog, ids: readonly number[]): Promise<readonly string[]> {
  const rows = await catalog
    .selectFrom('rendition_files')
    .innerJoin('renditions', 'renditions.id', 'rendition_files.rendition_id')
    .select('digest')
    .distinct()
    .where('renditions.image_id', 'in', ids)
    .execute()
  return rows.map(({ digest }) => digest)
}
