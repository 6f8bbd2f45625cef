import type { ImageRecord } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { type FoundImage, findImage, type Which } from './find.ts'
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
    const deleted = { images: [...found.values()].map((image) => image.record), bytes: await bytesOnlyOf(catalog, ids) }
    if (!options.dryRun) await removeImages(store, catalog, ids)
    return deleted
  })
}

/** Deletes images by id; the caller holds the store's lock. */
export async function removeImages(store: Store, catalog: Catalog, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await removeWith(
    catalog,
    store.blobs,
    async (inside) => (await blobsOf(inside, ids)).map(({ digest }) => digest),
    async (inside) => await inside.deleteFrom('images').where('id', 'in', ids).execute(),
  )
}

/** Bytes that deleting images would free. */
export async function bytesOnlyOf(catalog: Catalog, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0
  const others = catalog
    .selectFrom('rendition_files as other_files')
    .innerJoin('renditions as other', 'other.id', 'other_files.rendition_id')
    .select('other_files.digest')
    .where('other.image_id', 'not in', ids)
  const rows = await blobQuery(catalog, ids).where('digest', 'not in', others).execute()
  return rows.reduce((sum, { size }) => sum + size, 0)
}

async function blobsOf(catalog: Catalog, ids: readonly number[]) {
  return await blobQuery(catalog, ids).execute()
}

function blobQuery(catalog: Catalog, ids: readonly number[]) {
  return catalog
    .selectFrom('rendition_files')
    .innerJoin('renditions', 'renditions.id', 'rendition_files.rendition_id')
    .select(['digest', 'size'])
    .distinct()
    .where('renditions.image_id', 'in', ids)
}
