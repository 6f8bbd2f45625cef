import { IngotError } from '../image/error.ts'
import { type Architecture, hostArchitecture } from '../image/platform.ts'
import { didYouMean } from '../image/suggest.ts'
import type { ImageRecord, ImageType } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { type ImageRow, recordOf } from './catalog/rows.ts'
import { readSetting } from './settings.ts'

/** An image with its row's id, by which its rows are changed. */
export interface FoundImage {
  readonly id: number
  readonly record: ImageRecord
}

export interface Which {
  /** Of several images of one alias. Default: this host's. */
  readonly architecture?: Architecture | undefined
  readonly type?: ImageType | undefined
}

/**
 * The image that an alias or a prefix of a fingerprint (of any of its renditions) names; an alias goes first. Throws 'not-found', and
 * 'usage' listing them when several fit.
 */
export async function findImage(catalog: Catalog, name: string, which: Which = {}): Promise<FoundImage> {
  const found = (await byAlias(catalog, name, which)) ?? (await byFingerprint(catalog, name))
  if (found) return await withAliases(catalog, found)
  const names = await catalog.selectFrom('aliases').select('name').distinct().limit(10_000).execute()
  const meant = didYouMean(
    name,
    names.map((alias) => alias.name),
  )
  throw new IngotError('not-found', `there is no image ${JSON.stringify(name)} in the store${meant}`, {
    hint: '`ingot image list` shows what there is.',
  })
}

/** As findImage, for using the image: one that has expired is not given. */
export async function findServedImage(catalog: Catalog, name: string, which: Which = {}): Promise<FoundImage> {
  const found = await findImage(catalog, name, which)
  const { expiresAt, fingerprint } = found.record
  if (
    expiresAt !== undefined &&
    expiresAt * 1000 <= Date.now() &&
    (await readSetting(catalog, 'images.expired')) !== 'keep'
  ) {
    const day = new Date(expiresAt * 1000).toISOString().slice(0, 10)
    throw new IngotError('not-found', `the image ${name} expired on ${day}`, {
      hint: `Give it more time: ingot image edit ${fingerprint.slice(0, 12)}. Or use expired images: ingot store config images.expired keep.`,
    })
  }
  return found
}

async function byAlias(catalog: Catalog, name: string, which: Which): Promise<ImageRow | undefined> {
  const all = await catalog
    .selectFrom('aliases')
    .innerJoin('images', 'images.id', 'aliases.image_id')
    .selectAll('images')
    .where('aliases.name', '=', name.normalize('NFC'))
    .execute()
  const fits = all.filter(
    (row) =>
      (which.architecture === undefined || row.architecture === which.architecture) &&
      (which.type === undefined || row.type === which.type),
  )
  if (fits.length <= 1) return fits[0]
  const native = fits.filter((row) => row.architecture === hostArchitecture())
  const [best] = native.length === 1 ? native : native.filter((row) => row.type === 'container')
  if (best) return best
  const listing = fits.map((row) => `  ${row.fingerprint.slice(0, 12)}  ${row.architecture}  ${row.type}`).join('\n')
  throw new IngotError('usage', `several images have the alias ${name}:\n${listing}`, {
    hint: 'Choose with --architecture.',
  })
}

async function byFingerprint(catalog: Catalog, prefix: string): Promise<ImageRow | undefined> {
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return undefined
  const end = `${prefix}g` // after every hex digit
  const rows = await catalog
    .selectFrom('renditions')
    .innerJoin('images', 'images.id', 'renditions.image_id')
    .selectAll('images')
    .distinct()
    .where('renditions.fingerprint', '>=', prefix)
    .where('renditions.fingerprint', '<', end)
    .limit(20)
    .execute()
  if (rows.length <= 1) return rows[0]
  const listing = rows.map((row) => `  ${row.fingerprint}`).join('\n')
  throw new IngotError('usage', `more than one image has a fingerprint that begins with ${prefix}:\n${listing}`, {
    hint: 'Give more of it.',
  })
}

async function withAliases(catalog: Catalog, row: ImageRow): Promise<FoundImage> {
  const aliases = await catalog
    .selectFrom('aliases')
    .select(['name', 'description'])
    .where('image_id', '=', row.id)
    .orderBy('name')
    .execute()
  return { id: row.id, record: recordOf(row, aliases) }
}
