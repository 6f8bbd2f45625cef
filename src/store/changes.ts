import type { ImageSource } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { propertyColumns, recordOf } from './catalog/rows.ts'

/** What can be changed of an image; undefined leaves it. */
export interface ImageChanges {
  readonly public?: boolean
  readonly autoUpdate?: boolean
  readonly cached?: boolean
  /** Seconds since the epoch; null: never. */
  readonly expiresAt?: number | null
  /** In place of all there are. */
  readonly properties?: Readonly<Record<string, string>>
  readonly source?: ImageSource
}

/** Changes an image's row. */
export async function changeImage(catalog: Catalog, id: number, changes: ImageChanges): Promise<void> {
  const values = {
    ...(changes.public === undefined ? {} : { public: Number(changes.public) }),
    ...(changes.autoUpdate === undefined ? {} : { auto_update: Number(changes.autoUpdate) }),
    ...(changes.cached === undefined ? {} : { cached: Number(changes.cached) }),
    ...(changes.expiresAt === undefined ? {} : { expires_at: changes.expiresAt }),
    ...(changes.properties === undefined ? {} : propertyColumns(changes.properties)),
    ...(changes.source === undefined
      ? {}
      : {
          source_protocol: changes.source.protocol,
          source_server: changes.source.server,
          source_alias: changes.source.alias,
        }),
  }
  if (Object.keys(values).length > 0) {
    await catalog.updateTable('images').set(values).where('id', '=', id).execute()
  }
}

/** Sets some properties of an image and takes others away (value undefined). */
export async function changeProperties(
  catalog: Catalog,
  id: number,
  changed: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const row = await catalog.selectFrom('images').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const properties = new Map(Object.entries(recordOf(row, []).properties))
  for (const [key, value] of Object.entries(changed)) {
    if (value === undefined) properties.delete(key)
    else properties.set(key, value)
  }
  await changeImage(catalog, id, { properties: Object.fromEntries(properties) })
}
