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

/** Reads every blob of some images (default: of all) and compares it with its digest. Blobs that several share are read once. */
export async function* verifyImages(store: Store, ids?: readonly number[]): AsyncGenerator<Verified> {
  const catalog = await store.catalog()
  const seen = new Map<string, string | undefined>()
  for (const { id, fingerprint } of await wanted(catalog, ids)) {
    const problems: string[] = []
    const files = await filesOf(catalog, id)
    if (files.length === 0) problems.push('it has no files')
    for (const file of files) {
      if (!seen.has(file.digest)) seen.set(file.digest, await problemOf(store, file))
      const problem = seen.get(file.digest)
      if (problem !== undefined)
        problems.push(file.key === 'primary' ? problem : `${file.format} rendition: ${problem}`)
    }
    yield { fingerprint, problems }
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
