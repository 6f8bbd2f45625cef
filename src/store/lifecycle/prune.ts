import { attachmentFormat } from '../attachments.ts'
import type { Catalog } from '../catalog/open.ts'
import { bytesOnlyOf, removeImages } from '../delete.ts'
import { useReserve } from '../reserve.ts'
import { readDays, readSetting } from '../settings.ts'
import type { Store } from '../store.ts'
import { removeWith } from '../unsettled.ts'

export type PruneReason = 'unused' | 'expired' | 'replaced' | 'rendition'

export interface Pruned {
  readonly reason: PruneReason
  readonly fingerprint: string
  /** Of renditions: its format. */
  readonly format: string
  readonly aliases: readonly string[]
  /** Bytes that are free when it goes, and nothing else does. */
  readonly bytes: number
}

interface Doomed {
  readonly id: number
  readonly fingerprint: string
  readonly format: string
}

/**
 * Removes what has had its time: cached images not used for `images.remote_cache_expiry`, expired ones when `images.expired` is delete,
 * those whose last alias another image took `images.replaced_grace` ago, and renditions made on demand that were not used for
 * `images.renditions_expiry`. With `dryRun` says only what would go. `now`: seconds since the epoch.
 */
export async function prune(
  store: Store,
  options: { readonly dryRun?: boolean; readonly now?: number } = {},
): Promise<readonly Pruned[]> {
  const now = options.now ?? Math.floor(Date.now() / 1000)
  if (!options.dryRun) useReserve(store.path, 'delete')
  return await store.exclusively(async (catalog) => {
    const pruned: Pruned[] = []
    const gone = new Set<number>()
    for (const [reason, find] of reasons) {
      for (const image of await find(catalog, now)) {
        if (gone.has(image.id)) continue
        gone.add(image.id)
        const { fingerprint, format } = image
        pruned.push({
          reason,
          fingerprint,
          format,
          aliases: await aliasesOf(catalog, image.id),
          bytes: await bytesOnlyOf(catalog, [image.id]),
        })
      }
    }
    if (!options.dryRun) await removeImages(store, catalog, [...gone])
    for (const rendition of await idleRenditions(catalog, now)) {
      if (gone.has(rendition.imageId)) continue
      const { fingerprint, format, bytes } = rendition
      pruned.push({ reason: 'rendition', fingerprint, format, aliases: [], bytes })
      if (!options.dryRun) await dropRendition(store, catalog, rendition.id)
    }
    return pruned
  })
}

const reasons: readonly (readonly [PruneReason, (catalog: Catalog, now: number) => Promise<readonly Doomed[]>])[] = [
  ['unused', unusedImages],
  ['expired', expiredImages],
  ['replaced', replacedImages],
]

async function unusedImages(catalog: Catalog, now: number): Promise<readonly Doomed[]> {
  const days = await readDays(catalog, 'images.remote_cache_expiry')
  if (days === 0) return []
  return await catalog
    .selectFrom('images')
    .select(['id', 'fingerprint', 'format'])
    .where('cached', '=', 1)
    .where((e) => e(e.fn.coalesce('last_used_at', 'uploaded_at'), '<=', now - days))
    .execute()
}

async function expiredImages(catalog: Catalog, now: number): Promise<readonly Doomed[]> {
  if ((await readSetting(catalog, 'images.expired')) !== 'delete') return []
  return await catalog
    .selectFrom('images')
    .select(['id', 'fingerprint', 'format'])
    .where('expires_at', '<=', now)
    .execute()
}

async function replacedImages(catalog: Catalog, now: number): Promise<readonly Doomed[]> {
  const grace = await readDays(catalog, 'images.replaced_grace')
  return await catalog
    .selectFrom('images')
    .select(['id', 'fingerprint', 'format'])
    .where('replaced_at', '<=', now - grace)
    .execute()
}

interface IdleRendition extends Doomed {
  readonly imageId: number
  readonly bytes: number
}

async function idleRenditions(catalog: Catalog, now: number): Promise<readonly IdleRendition[]> {
  const days = await readDays(catalog, 'images.renditions_expiry')
  if (days === 0) return []
  return await catalog
    .selectFrom('renditions')
    .innerJoin('images', 'images.id', 'renditions.image_id')
    .innerJoin('rendition_files', 'rendition_files.rendition_id', 'renditions.id')
    .select((e) => [
      'renditions.id as id',
      'images.id as imageId',
      'images.fingerprint as fingerprint',
      'renditions.format as format',
      e.fn.sum<number>('rendition_files.size').as('bytes'),
    ])
    .where('key', '!=', 'primary')
    .where('renditions.format', '!=', attachmentFormat)
    .where((e) => e(e.fn.coalesce('renditions.last_used_at', 'made_at'), '<=', now - days))
    .groupBy(['renditions.id', 'images.id', 'images.fingerprint', 'renditions.format'])
    .execute()
}

/** Its row stays, so that it can be told whether it is the same when it is made again. */
async function dropRendition(store: Store, catalog: Catalog, id: number): Promise<void> {
  await removeWith(
    catalog,
    store.blobs,
    async (inside) => {
      const rows = await inside.selectFrom('rendition_files').select('digest').where('rendition_id', '=', id).execute()
      return rows.map((row) => row.digest)
    },
    async (inside) => await inside.deleteFrom('rendition_files').where('rendition_id', '=', id).execute(),
  )
}

async function aliasesOf(catalog: Catalog, id: number): Promise<readonly string[]> {
  const rows = await catalog.selectFrom('aliases').select('name').where('image_id', '=', id).orderBy('name').execute()
  return rows.map((row) => row.name)
}
