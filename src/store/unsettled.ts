import type { Digest } from '../image/digest.ts'
import type { BlobDriver, StagedBlob } from './blobs/types.ts'
import { chunksOf } from './catalog/chunks.ts'
import type { Catalog } from './catalog/open.ts'

// A blob's file and its row cannot change in one step. So before files are placed or removed their digests are noted in
// `unsettled_blobs`; whoever has the lock next, after a kill, finds them there and removes those that nothing needs.

/** Removes noted blobs that no rendition needs, and forgets the notes. The caller holds the store's lock. */
export async function settle(catalog: Catalog, blobs: BlobDriver): Promise<void> {
  const noted = await catalog.selectFrom('unsettled_blobs').select('digest').execute()
  if (noted.length === 0) return
  await forgetNeeded(catalog)
  const left = await catalog.selectFrom('unsettled_blobs').select('digest').execute()
  await blobs.remove(left.map(({ digest }) => digest as Digest))
  await catalog.deleteFrom('unsettled_blobs').execute()
}

/**
 * Places staged blobs and does `work`, which makes rows that need them, in one transaction. When anything fails, neither is done.
 * The caller holds the store's lock.
 */
export async function placeWith<T>(
  catalog: Catalog,
  blobs: BlobDriver,
  staged: readonly StagedBlob[],
  work: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  const brought = new Map(staged.map((blob) => [blob.digest, blob]))
  const missing: Digest[] = []
  for (const { digest, size } of brought.values()) if (!(await blobs.has(digest, size))) missing.push(digest)
  try {
    await note(catalog, missing)
    // Also those that are there: what is brought is verified, and what is there may have been damaged since.
    await blobs.place([...brought.values()])
    return await catalog.transaction().execute(async (inside) => {
      const result = await work(inside)
      await forgetNeeded(inside)
      return result
    })
  } catch (error) {
    await settle(catalog, blobs)
    throw error
  }
}

/** Does `work`, which takes rows away, and removes the blobs that nothing needs any more. The caller holds the store's lock. */
export async function removeWith<T>(
  catalog: Catalog,
  blobs: BlobDriver,
  digests: (catalog: Catalog) => Promise<readonly string[]>,
  work: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  const result = await catalog.transaction().execute(async (inside) => {
    await note(inside, await digests(inside))
    return await work(inside)
  })
  await settle(catalog, blobs)
  return result
}

/** Notes blobs that may not be needed any more when the transaction is done. */
export async function note(catalog: Catalog, digests: readonly string[]): Promise<void> {
  for (const some of chunksOf(digests)) {
    await catalog
      .insertInto('unsettled_blobs')
      .values(some.map((digest) => ({ digest })))
      .onConflict((c) => c.doNothing())
      .execute()
  }
}

async function forgetNeeded(catalog: Catalog): Promise<void> {
  await catalog
    .deleteFrom('unsettled_blobs')
    .where('digest', 'in', (q) => q.selectFrom('rendition_files').select('digest'))
    .execute()
}
