import { attachmentFormat } from '../attachments.ts'
import { chunksOf } from '../catalog/chunks.ts'
import { aliasesOf } from '../catalog/list.ts'
import type { Catalog } from '../catalog/open.ts'
import { removeImages } from '../delete.ts'
import { freedBy } from '../freed.ts'
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

export interface Pruning {
  readonly removed: readonly Pruned[]
  /** Bytes that are free when all of it is gone. */
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
): Promise<Pruning> {
  const now = options.now ?? Math.floor(Date.now() / 1000)
  if (!options.dryRun) useReserve(store.path, 'delete')
  return await store.exclusively(async (catalog) => {
    const images = new Map<number, Doomed & { readonly reason: PruneReason }>()
    for (const [reason, find] of reasons) {
      for (const image of await find(catalog, now))
        if (!images.has(image.id)) images.set(image.id, { ...image, reason })
    }
    const renditions = (await idleRenditions(catalog, now)).filter(({ imageId }) => !images.has(imageId))
    const ids = [...images.keys()]
    const going = { images: new Set(ids), renditions: new Set(renditions.map(({ id }) => id)) }
    const { total, byImage, byRendition } = await freedBy(catalog, going)
    const aliases = aliasesOf(store.database, ids)
    const removed = [
      ...[...images.values()].map(({ id, reason, fingerprint, format }) => ({
        reason,
        fingerprint,
        format,
        aliases: (aliases.get(id) ?? []).map(({ name }) => name),
        bytes: byImage.get(id) ?? 0,
      })),
      ...renditions.map(({ id, fingerprint, format }) => ({
        reason: 'rendition' as const,
        fingerprint,
        format,
        aliases: [],
        bytes: byRendition.get(id) ?? 0,
      })),
    ]
    if (!options.dryRun) {
      await removeImages(store, catalog, ids)
      await dropRenditions(store, catalog, [...going.renditions])
    }
    return { removed, bytes: total }
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
}

async function idleRenditions(catalog: Catalog, now: number): Promise<readonly IdleRendition[]> {
  const days = await readDays(catalog, 'images.renditions_expiry')
  if (days === 0) return []
  return await catalog
    .selectFrom('renditions')
    .innerJoin('images', 'images.id', 'renditions.image_id')
    .select([
      'renditions.id as id',
      'images.id as imageId',
      'images.fingerprint as fingerprint',
      'renditions.format as format',
    ])
    .where('key', '!=', 'primary')
    .where('renditions.format', '!=', attachmentFormat)
    .where((e) => e(e.fn.coalesce('renditions.last_used_at', 'made_at'), '<=', now - days))
    .where((e) =>
      e.exists(e.selectFrom('rendition_files').select('digest').whereRef('rendition_id', '=', 'renditions.id')),
    )
    .execute()
}

/** Their rows stay, so that it can be told whether they are the same when they are made again. */
async function dropRenditions(store: Store, catalog: Catalog, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  const digests: string[] = []
  for (const some of chunksOf(ids)) {
    const rows = await catalog
      .selectFrom('rendition_files')
      .select('digest')
      .where('rendition_id', 'in', some)
      .execute()
    digests.push(...rows.map(({ digest }) => digest))
  }
  await removeWith(
    catalog,
    store.blobs,
    async () => digests,
    async (inside) => {
      for (const some of chunksOf(ids)) {
        await inside.deleteFrom('rendition_files').where('rendition_id', 'in', some).execute()
      }
    },
  )
}
