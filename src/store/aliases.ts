import { IngotError } from '../image/error.ts'
import { parseAlias } from './alias-name.ts'
import type { Catalog } from './catalog/open.ts'
import { findImage, type Which } from './find.ts'
import { moveAliases } from './new-image.ts'
import type { Store } from './store.ts'

/** An alias as it is listed. */
export interface ListedAlias {
  readonly name: string
  readonly fingerprint: string
  readonly type: string
  readonly architecture: string
  readonly description: string
}

/** All aliases by name; with a text only those that have it in their name or their image's fingerprint. */
export async function listAliases(catalog: Catalog, text = ''): Promise<readonly ListedAlias[]> {
  const all = await catalog
    .selectFrom('aliases')
    .innerJoin('images', 'images.id', 'aliases.image_id')
    .select(['name', 'fingerprint', 'aliases.type', 'aliases.architecture', 'aliases.description'])
    .orderBy('name')
    .orderBy('aliases.architecture')
    .execute()
  return all.filter(({ name, fingerprint }) => name.includes(text) || fingerprint.includes(text))
}

export interface CreateAlias extends Which {
  readonly description?: string
  /** Move it when another image of the same architecture has it; else that is an error. */
  readonly replace?: boolean
}

/** Gives an image one more name, in one step. Throws 'exists' when another image has it and it is not to be replaced. */
export async function createAlias(
  store: Store,
  alias: string,
  image: string,
  options: CreateAlias = {},
): Promise<void> {
  const name = parseAlias(alias)
  await store.exclusively((catalog) =>
    catalog.transaction().execute(async (inside) => {
      const { id, record } = await findImage(inside, image, options)
      const { architecture, type } = record
      const before = await inside
        .selectFrom('aliases')
        .innerJoin('images', 'images.id', 'aliases.image_id')
        .select('fingerprint')
        .where('name', '=', name)
        .where('aliases.architecture', '=', architecture)
        .where('aliases.type', '=', type)
        .executeTakeFirst()
      if (before && before.fingerprint !== record.fingerprint && !options.replace) {
        throw new IngotError('exists', `${name} is an alias of ${before.fingerprint.slice(0, 12)} already`, {
          hint: 'Move it with --replace.',
        })
      }
      const added = [{ name, description: options.description ?? '' }]
      await moveAliases(inside, { id, architecture, type }, added, Math.floor(Date.now() / 1000))
    }),
  )
}

/** Takes an alias away, of all architectures or one; the images stay. Throws 'not-found'. */
export async function deleteAlias(store: Store, name: string, which: Which = {}): Promise<void> {
  await store.exclusively(async (catalog) => {
    const { numDeletedRows } = await catalog
      .deleteFrom('aliases')
      .where('name', '=', name.normalize('NFC'))
      .$if(which.architecture !== undefined, (q) => q.where('architecture', '=', which.architecture!))
      .executeTakeFirst()
    if (Number(numDeletedRows) === 0) throw missing(name)
  })
}

/** Gives an alias another name, for all architectures. Throws 'not-found', and 'exists' when the new name is taken. */
export async function renameAlias(store: Store, from: string, to: string): Promise<void> {
  const name = parseAlias(to)
  await store.exclusively((catalog) =>
    catalog.transaction().execute(async (inside) => {
      const taken = await inside.selectFrom('aliases').select('name').where('name', '=', name).executeTakeFirst()
      if (taken && name !== from.normalize('NFC')) throw new IngotError('exists', `there is an alias ${name} already`)
      const { numUpdatedRows } = await inside
        .updateTable('aliases')
        .set({ name })
        .where('name', '=', from.normalize('NFC'))
        .executeTakeFirst()
      if (Number(numUpdatedRows) === 0) throw missing(from)
    }),
  )
}

function missing(name: string): IngotError {
  return new IngotError('not-found', `there is no alias ${JSON.stringify(name)}`, {
    hint: '`ingot image alias list` shows what there is.',
  })
}
