import { IngotError } from '../image/error.ts'
import { didYouMean } from '../image/suggest.ts'
import type { Catalog } from './catalog/open.ts'

interface Setting {
  readonly usual: string
  readonly summary: string
  readonly accepts: RegExp
  readonly expected: string
}

const days = { accepts: /^\d{1,6}$/, expected: 'a whole number of days' }

/** What can be set for a store; LXD's keys where LXD has one. */
export const storeSettings = {
  'images.remote_cache_expiry': {
    usual: '10',
    summary: 'days after its last use when an image that was fetched for use is removed; 0 keeps it',
    ...days,
  },
  'images.replaced_grace': {
    usual: '3',
    summary: 'days for which an image is kept after another one has taken over its last alias',
    ...days,
  },
  'images.expiry_warning': { usual: '7', summary: 'days ahead that an image’s expiry is warned of', ...days },
  'images.expired': {
    usual: 'hide',
    summary:
      'what becomes of expired images: keep (nothing), hide (not listed nor given), delete (and removed by prune)',
    accepts: /^(keep|hide|delete)$/,
    expected: 'keep, hide or delete',
  },
  'images.renditions_expiry': {
    usual: '30',
    summary: 'days after its last use when a rendition made on demand is removed; 0 keeps it',
    ...days,
  },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingKey = keyof typeof storeSettings

/** The key as written. Throws 'usage' for one that does not exist. */
export function parseSettingKey(text: string): SettingKey {
  const keys = Object.keys(storeSettings) as SettingKey[]
  const found = keys.find((key) => key === text)
  if (found) return found
  throw new IngotError('usage', `there is no setting ${JSON.stringify(text)}${didYouMean(text, keys)}`, {
    hint: `There are: ${keys.join(', ')}.`,
  })
}

export async function readSetting(catalog: Catalog, key: SettingKey): Promise<string> {
  const row = await catalog.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value ?? storeSettings[key].usual
}

/** A setting that is a number of days, in seconds. */
export async function readDays(catalog: Catalog, key: SettingKey): Promise<number> {
  return Number(await readSetting(catalog, key)) * 86_400
}

/** Sets a value, or with undefined goes back to the usual one. Throws 'usage' for a value that does not fit. */
export async function writeSetting(catalog: Catalog, key: SettingKey, value: string | undefined): Promise<void> {
  if (value === undefined) {
    await catalog.deleteFrom('settings').where('key', '=', key).execute()
    return
  }
  const { accepts, expected } = storeSettings[key]
  if (!accepts.test(value)) throw new IngotError('usage', `${key}: ${JSON.stringify(value)} is not ${expected}`)
  await catalog
    .insertInto('settings')
    .values({ key, value })
    .onConflict((c) => c.column('key').doUpdateSet({ value }))
    .execute()
}
