import { IngotError } from '../image/error.ts'
import type { StagedBlob } from './blobs/types.ts'
import { chunksOf } from './catalog/chunks.ts'
import type { ImageAlias, ImageRecord } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { propertyColumns } from './catalog/rows.ts'

/** One of a rendition's files, or for OCI images one of its blobs, the manifest first. */
export interface NewFile {
  readonly kind: 'file' | 'blob'
  /** What follows the stem of its name when it is exported. */
  readonly suffix: string
  /** Its full name where its format has a convention for that, else ''. */
  readonly name: string
  readonly blob: StagedBlob
}

/** An image that is about to come into the store. */
export interface NewImage {
  readonly record: Omit<ImageRecord, 'aliases' | 'uploadedAt' | 'lastUsedAt' | 'replacedAt'>
  readonly files: readonly NewFile[]
}

export const primaryKey = 'primary'

/** Makes an image's rows; returns its id. */
export async function insertImage(catalog: Catalog, { record, files }: NewImage, now: number): Promise<number> {
  const { id } = await catalog
    .insertInto('images')
    .values({
      fingerprint: record.fingerprint,
      format: record.format,
      variant: record.variant ?? null,
      type: record.type,
      architecture: record.architecture,
      size: record.size,
      public: Number(record.public),
      auto_update: Number(record.autoUpdate),
      cached: Number(record.cached),
      created_at: record.createdAt ?? null,
      expires_at: record.expiresAt ?? null,
      uploaded_at: now,
      last_used_at: record.cached ? now : null,
      replaced_at: null,
      file_name: record.fileName,
      source_protocol: record.source?.protocol ?? null,
      source_server: record.source?.server ?? null,
      source_alias: record.source?.alias ?? null,
      ...propertyColumns(record.properties),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await insertRendition(catalog, id, { key: primaryKey, files, now, ...pick(record) })
  return id
}

function pick({ format, variant, fingerprint }: NewImage['record']) {
  return { format, variant, fingerprint }
}

export interface NewRendition {
  readonly key: string
  readonly format: string
  readonly variant: string | undefined
  readonly fingerprint: string | undefined
  readonly files: readonly NewFile[]
  readonly now: number
}

export function deletedMeanwhile(): IngotError {
  return new IngotError('not-found', 'the image was deleted meanwhile')
}

/** Makes the rows of one of an image's renditions, in place of those of the same key. Throws 'not-found' when the image is gone. */
export async function insertRendition(catalog: Catalog, imageId: number, rendition: NewRendition): Promise<void> {
  const image = await catalog.selectFrom('images').select('id').where('id', '=', imageId).executeTakeFirst()
  if (!image) throw deletedMeanwhile()
  await catalog.deleteFrom('renditions').where('image_id', '=', imageId).where('key', '=', rendition.key).execute()
  const { id } = await catalog
    .insertInto('renditions')
    .values({
      image_id: imageId,
      key: rendition.key,
      format: rendition.format,
      variant: rendition.variant ?? null,
      fingerprint: rendition.fingerprint ?? null,
      made_at: rendition.now,
      last_used_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const rows = rendition.files.map(({ kind, suffix, name, blob }, position) => {
    const { digest, size } = blob
    return { rendition_id: id, position, kind, suffix, name, digest, size }
  })
  for (const some of chunksOf(rows)) await catalog.insertInto('rendition_files').values(some).execute()
}

/** An image's place among those of its name: one of each architecture and type. */
export interface AliasTarget {
  readonly id: number
  readonly architecture: string
  readonly type: string
}

/**
 * Gives an image aliases; where another one had them for the same architecture and type they move. Images that lose their last alias so
 * are marked as replaced. Returns the names that moved.
 */
export async function moveAliases(
  catalog: Catalog,
  target: AliasTarget,
  aliases: readonly ImageAlias[],
  now: number,
): Promise<readonly string[]> {
  const moved: string[] = []
  const losers = new Set<number>()
  for (const some of chunksOf(aliases)) {
    const names = some.map(({ name }) => name)
    const before = await catalog
      .selectFrom('aliases')
      .select(['name', 'image_id'])
      .where('name', 'in', names)
      .where('architecture', '=', target.architecture)
      .where('type', '=', target.type)
      .where('image_id', '!=', target.id)
      .execute()
    for (const { name, image_id } of before) {
      moved.push(name)
      losers.add(image_id)
    }
    const { architecture, type, id } = target
    await catalog
      .insertInto('aliases')
      .values(some.map(({ name, description }) => ({ name, description, architecture, type, image_id: id })))
      .onConflict((c) =>
        c.columns(['name', 'architecture', 'type']).doUpdateSet((e) => ({
          image_id: e.ref('excluded.image_id'),
          // Without a new description the old one stays.
          description: e.fn.coalesce(
            e.fn<string>('nullif', [e.ref('excluded.description'), e.val('')]),
            e.ref('aliases.description'),
          ),
        })),
      )
      .execute()
  }
  if (aliases.length > 0) {
    await catalog.updateTable('images').set({ replaced_at: null }).where('id', '=', target.id).execute()
  }
  for (const loser of losers) await markIfReplaced(catalog, loser, now)
  return moved
}

/** Notes since when an image without aliases has been without. */
export async function markIfReplaced(catalog: Catalog, id: number, now: number): Promise<void> {
  await catalog
    .updateTable('images')
    .set({ replaced_at: now })
    .where('id', '=', id)
    .where((e) => e.not(e.exists(e.selectFrom('aliases').select('name').where('image_id', '=', id))))
    .execute()
}
