import { createHash } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeCatalog } from '../../../test/support/catalog.ts'
import { ownFolder, withStore } from '../../../test/support/store.ts'
import { architectures } from '../../image/platform.ts'
import { createAlias, deleteAlias, renameAlias } from '../../store/aliases.ts'
import { findByProperties, listImages } from '../../store/catalog/list.ts'
import { changeProperties } from '../../store/changes.ts'
import { insertImage, moveAliases } from '../../store/new-image.ts'
import type { Store } from '../../store/store.ts'
import { filterImages, propertySearch } from './filter.ts'
import { quickTable } from './quick-table.ts'
import { renderImages } from './render.ts'

const folder = ownFolder('quick-table')
const now = 1_800_000_000

interface Spec {
  readonly aliases: readonly string[]
  readonly description: string | undefined
  readonly architecture: (typeof architectures)[number]
  readonly type: 'container' | 'virtual-machine'
  readonly size: number
  readonly public: boolean
  readonly uploadedAt: number
  readonly expiresAt: number | undefined
}

async function addImages(store: Store, specs: readonly Spec[]): Promise<void> {
  await store.exclusively((catalog) =>
    catalog.transaction().execute(async (inside) => {
      for (const [i, { aliases, description, uploadedAt, ...spec }] of specs.entries()) {
        const record = {
          ...spec,
          fingerprint: createHash('sha256').update(String(i)).digest('hex'),
          format: 'lxd',
          variant: undefined,
          autoUpdate: false,
          cached: false,
          createdAt: undefined,
          fileName: 'x',
          source: undefined,
          properties: { os: i % 2 ? 'debian' : 'ubuntu', ...(description === undefined ? {} : { description }) },
        }
        const id = await insertImage(inside, { files: [], record }, uploadedAt)
        const named = aliases.map((name) => ({ name, description: '' }))
        await moveAliases(inside, { id, architecture: spec.architecture, type: spec.type }, named, 0)
      }
    }),
  )
}

/** The quick table of a store, and that of all its rows. */
async function tables(store: Store, terms: readonly string[] = []): Promise<[quick: string | undefined, full: string]> {
  const shown = listImages(store.database).filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
  const search = propertySearch(terms)!
  const ids = terms.length === 0 ? undefined : findByProperties(store.database, search.values, search.matches)
  const quick = quickTable(store.database, { now, ids })
  return [quick && Buffer.from(quick).toString(), await renderImages(filterImages(shown, terms))]
}

const word = fc.oneof(
  fc.stringMatching(/^[a-z0-9/._-]{1,12}$/),
  fc.constantFrom('w9', 'w10', 'w09', 'w0', 'w', '0', '00', 'a/1/b', 'a/01/b', '9'.repeat(30)),
)
const spec: fc.Arbitrary<Spec> = fc.record({
  aliases: fc.uniqueArray(word, { maxLength: 3 }),
  description: fc.oneof(fc.constant(undefined), fc.stringMatching(/^[ -~]{0,30}$/), word),
  architecture: fc.constantFrom(...architectures),
  type: fc.constantFrom('container', 'virtual-machine'),
  size: fc.oneof(
    fc.maxSafeNat(),
    fc.nat(2 ** 30),
    fc.nat(1000).map((n) => n * 131_072),
  ),
  public: fc.boolean(),
  uploadedAt: fc.oneof(fc.nat(2_000_000_000), fc.constantFrom(0, -5, 1e15)),
  expiresAt: fc.constantFrom(undefined, undefined, now - 1, now, now + 1),
})

test('is the same as the table of all rows, byte by byte', async () => {
  let n = 0
  await fc.assert(
    fc.asyncProperty(fc.array(spec, { minLength: 1, maxLength: 12 }), async (specs) => {
      await withStore(join(folder, String(n++)), async (store) => {
        await addImages(store, specs)
        for (const terms of [[], ['os=debian'], ['o=(debian|x)', 'desc=[a-w].*']]) {
          const [quick, full] = await tables(store, terms)
          const isEmpty = full.split('\n').length === 4
          expect(quick).toBe(isEmpty ? undefined : full)
        }
      })
    }),
    { numRuns: 60 },
  )
}, 120_000)

test('what SQLite would print otherwise is left to Ingot', async () => {
  const plain: Spec = {
    aliases: ['a'],
    description: 'plain',
    architecture: 'x86_64',
    type: 'container',
    size: 1,
    public: false,
    uploadedAt: 1,
    expiresAt: undefined,
  }
  const others: Partial<Spec>[] = [
    { aliases: ['镜像'] },
    { description: '“quoted”' },
    { description: 'a\u0000b' },
    { description: 'red \u001b[31m' },
    { description: 'two\nlines' },
    { description: 'del \u007f' },
  ]
  for (const [i, other] of others.entries()) {
    await withStore(join(folder, `other-${i}`), async (store) => {
      await addImages(store, [plain, { ...plain, aliases: [], ...other }])
      const [quick, full] = await tables(store)
      expect(quick).toBeUndefined()
      expect(full.split('\n').length).toBeGreaterThan(7)
      store.database.exec('DELETE FROM images WHERE id = 2')
      expect((await tables(store))[0]).toBe((await tables(store))[1])
    })
  }
  await withStore(join(folder, 'large'), async (store) => {
    const description = 'x'.repeat(10_000_000)
    await addImages(store, [{ ...plain, description }, ...Array.from({ length: 5 }, () => ({ ...plain, aliases: [] }))])
    expect(quickTable(store.database, { now, ids: undefined })).toBeUndefined()
    expect(quickTable(store.database, { now, ids: [2, 3] })).toBeDefined()
  })
  for (const damage of ["fingerprint = 'x'", "architecture = 'vax'", "type = 'tape'", "size = 'big'"]) {
    await withStore(join(folder, `damaged-${damage.slice(0, 4)}`), async (store) => {
      await addImages(store, [plain])
      store.database.exec(`UPDATE images SET ${damage}`)
      expect(quickTable(store.database, { now, ids: undefined })).toBeUndefined()
      await store.exclusively(async () => {})
      expect(quickTable(store.database, { now, ids: undefined })).toBeUndefined()
    })
  }
})

test('whatever changes, the table is up to date after it; in between there is none', async () => {
  const home = join(folder, 'changes')
  await makeCatalog(home, 40)
  await withStore(home, async (store) => {
    const [{ name: other } = { name: '' }] = listImages(store.database)[1]!.aliases
    const changes: (() => Promise<unknown>)[] = [
      () => createAlias(store, 'zz', listImages(store.database)[3]!.fingerprint),
      () => createAlias(store, 'd', listImages(store.database)[3]!.fingerprint),
      () => renameAlias(store, 'd', 'dddd'),
      () => renameAlias(store, other, 'other'),
      () => deleteAlias(store, 'dddd'),
      () => deleteAlias(store, 'other'),
      () => store.exclusively((catalog) => changeProperties(catalog, 3, { description: 'another' })),
      () => store.exclusively((catalog) => changeProperties(catalog, 3, { description: undefined })),
      () => store.exclusively((catalog) => catalog.deleteFrom('images').where('id', '=', 5).execute()),
      () => store.exclusively((catalog) => catalog.updateTable('images').set({ public: 1 }).execute()),
    ]
    let before = (await tables(store))[0]
    for (const change of changes) {
      await change()
      const [quick, full] = await tables(store)
      expect(quick).toBe(full)
      expect(quick).not.toBe(before)
      before = quick
    }
    // As when it is killed before the listing is brought up to date.
    store.database.exec("UPDATE aliases SET name = 'moved' WHERE image_id = 7")
    expect((await tables(store))[0]).toBeUndefined()
    await store.exclusively(async () => {})
    const [quick, full] = await tables(store)
    expect(quick).toBe(full)
    expect(quick).toContain('| moved ')
  })
})
