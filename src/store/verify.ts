import { parseDigest } from '../image/digest.ts'
import { IngotError, messageOf } from '../image/error.ts'
import type { Catalog } from './catalog/open.ts'
import type { Store } from './store.ts'
import { checkBlob } from './stored-image.ts'

/** What verifying found of one image. */
export interface Verified {
  readonly fingerprint: string
  /** What is wrong; nothing when it is whole. */
  readonly problems: readonly string[]
}

/**
 * Reads every blob of some images (default: of all) and compares it with its digest. Blobs that several share are read once. What is
 * deleted meanwhile is passed over.
 */
export async function* verifyImages(store: Store, ids?: readonly number[]): AsyncGenerator<Verified> {
  const catalog = await store.catalog()
  const seen = new Map<string, string | undefined>()
  for (const { id, fingerprint } of await wanted(catalog, ids)) {
    for (const { digest, size } of await filesOf(catalog, id)) {
      if (!seen.has(digest)) seen.set(digest, await problemOf(store, { digest, size }))
    }
    const isThere = await catalog.selectFrom('images').select('id').where('id', '=', id).executeTakeFirst()
    if (!isThere) continue
    // As they are now: what was not there may not be there any more by right.
    const files = await filesOf(catalog, id)
    const problems = files.flatMap(({ digest, key, format }) => {
      const problem = seen.get(digest)
      if (problem === undefined) return []
      return key === 'primary' ? problem : `${format} rendition: ${problem}`
    })
    yield { fingerprint, problems: files.length === 0 ? ['it has no files'] : problems }
  }
}

async function wanted(catalog: Catalog, ids: readonly number[] | undefined) {
  const all = catalog.selectFrom('images').select(['id', 'fingerprint']).orderBy('id')
  return await (ids ? all.where('id', 'in', ids) : all).execute()
}

async function filesOf(catalog: Catalog, id: number) {
  return await catalog
    .selectFrom('rendition_files')
    .innerJoin('renditions', 'renditions.id', 'rendition_files.rendition_id')
    .select(['key', 'format', 'digest', 'size'])
    .where('image_id', '=', id)
    .execute()
}

async function problemOf(
  store: Store,
  file: { readonly digest: string; readonly size: number },
): Promise<string | undefined> {
  try {
    await checkBlob(store.blobs, { digest: parseDigest(file.digest, 'the catalog'), size: file.size })
    return undefined
  } catch (error) {
    if (error instanceof IngotError) return messageOf(error)
    throw error
  }
}
