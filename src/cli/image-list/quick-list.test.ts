import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addRecords, makeCatalog } from '../../../test/support/catalog.ts'
import { aliases, imageRecord } from '../../../test/support/image-record.ts'
import { ownFolder, withStore } from '../../../test/support/store.ts'
import { architectures } from '../../image/platform.ts'
import { createAlias, deleteAlias, renameAlias } from '../../store/aliases.ts'
import { allOf, always, type Condition, condition, unexpired } from '../../store/catalog/condition.ts'
import type { ImageRecord } from '../../store/catalog/image-record.ts'
import { listImages } from '../../store/catalog/list.ts'
import { changeProperties } from '../../store/changes.ts'
import type { Store } from '../../store/store.ts'
import { imageColumns, parseColumns } from './columns.ts'
import { matching } from './filter.ts'
import { printRows } from './print-rows.ts'
import { quickList } from './quick-list.ts'
import { type ListOptions, renderImages } from './render.ts'

const folder = ownFolder('quick-list')
const now = 1_800_000_000

function textOf(list: string | Uint8Array | undefined): string | undefined {
  return list && Buffer.from(list).toString()
}

/** The quick list of a store's images, and the one of their records. */
async function lists(
  { database }: Store,
  which: Condition = always,
  options: ListOptions = {},
): Promise<[quick: string | undefined, full: string]> {
  const full = await renderImages(listImages(database, which), options)
  return [textOf(quickList(database, which, options)), textOf(Buffer.from(full))!]
}

/** Whether SQLite prints the usual list of these. */
function isPrinted({ database }: Store, which: Condition = always): boolean {
  return printRows(database, which, parseColumns('lfpdatsu'), 'table', {}) !== undefined
}

const ascii = fc.oneof(
  fc.stringMatching(/^[a-z0-9/._-]{1,12}$/),
  fc.constantFrom('w9', 'w10', 'w09', 'w0', 'w', '0', '00', 'a/1/b', 'a/01/b', '9'.repeat(30)),
)
const word = fc.oneof({ weight: 6, arbitrary: ascii }, fc.constantFrom('镜像', '😀', 'ｗ9', 'é', '数10', '数9'))
const time = fc.oneof(fc.constant(undefined), fc.nat(2_000_000_000), fc.constantFrom(0, -5, 1e15))
const printable = fc.oneof(fc.stringMatching(/^[ -~]{0,30}$/), ascii, fc.constantFrom('say "hi"', 'a, b', ' x', '\\.'))
const wide = fc.constantFrom(
  '“quoted”',
  '中文 😀',
  'e\u0301',
  '\u3042, "x"',
  '\ud800',
  ' 中',
  '한국어'.normalize('NFD'),
)
const odd = fc.constantFrom('red \u001b[31m', 'two\nlines', 'del \u007f', '\u202e', '\u3000x', '\u00a0')

/** Images; all of them printable, or not. */
function image(isPrintable: boolean): fc.Arbitrary<ImageRecord> {
  return fc
    .record({
      names: fc.uniqueArray(word, { maxLength: 3 }),
      description: fc.oneof(fc.constant(undefined), printable, wide, isPrintable ? printable : odd),
      format: fc.constantFrom('lxd', 'oci'),
      variant: fc.constantFrom(undefined, 'split'),
      architecture: fc.constantFrom(...architectures),
      type: fc.constantFrom('container' as const, 'virtual-machine' as const),
      size: fc.oneof(
        fc.maxSafeNat(),
        fc.nat(2 ** 30),
        fc.nat(1000).map((n) => n * 131_072),
      ),
      public: fc.boolean(),
      cached: fc.boolean(),
      autoUpdate: fc.boolean(),
      createdAt: time,
      lastUsedAt: time,
      uploadedAt: time.map((seconds) => seconds ?? 1),
      expiresAt: fc.constantFrom(undefined, undefined, now - 1, now, now + 1),
      source: fc.constantFrom(undefined, 'simplestreams', 'registry').chain((protocol) =>
        protocol === undefined
          ? fc.constant(undefined)
          : fc.record({
              protocol: fc.constant(protocol),
              server: fc.constantFrom('', 'https://h', '服务器'),
              alias: fc.constantFrom('', 'x'),
            }),
      ),
    })
    .map(({ names, description, ...fields }) =>
      imageRecord('', {
        ...fields,
        aliases: aliases(...names),
        properties: description === undefined ? { os: 'debian' } : { os: 'ubuntu', description },
      }),
    )
}

function images(isPrintable: boolean): fc.Arbitrary<readonly ImageRecord[]> {
  return fc
    .array(image(isPrintable), { minLength: 1, maxLength: 12 })
    .map((all) => all.map((each, i) => ({ ...each, fingerprint: imageRecord(`${i}`).fingerprint })))
}

const letters = fc.constantFrom(...imageColumns.map(({ letter }) => letter))
const options: fc.Arbitrary<ListOptions> = fc.record({
  format: fc.constantFrom('table' as const, 'compact' as const, 'csv' as const),
  columns: fc.oneof(
    fc.constantFrom('lfpdatsu', 'lF', 'l', 'lfx'),
    fc.array(letters, { minLength: 1, maxLength: 5 }).map((some) => some.join('')),
  ),
  sortBy: fc.oneof(fc.constant(undefined), letters),
  reverse: fc.boolean(),
})
const terms = fc.constantFrom([], ['os=debian'], ['o=(debian|x)', 'public=true'], ['w'], ['format=oci'], ['size=0'])

test('is the same as the list of records, byte by byte', async () => {
  let n = 0
  let printed = 0
  await fc.assert(
    fc.asyncProperty(
      fc.boolean().chain(images),
      fc.array(fc.tuple(terms, options), { minLength: 8, maxLength: 8 }),
      async (all, asked) => {
        await withStore(join(folder, String(n++)), async (store) => {
          await addRecords(store, all)
          for (const [some, given] of [[[], {}] as const, ...asked]) {
            const [quick, full] = await lists(store, allOf([unexpired(now), matching(some)]), given)
            expect(quick).toBe(full)
          }
          if (isPrinted(store)) printed++
        })
      },
    ),
    { numRuns: 100 },
  )
  expect(printed).toBeGreaterThan(20)
  expect(printed).toBeLessThan(90)
}, 120_000)

test('SQLite quotes in csv what Ingot quotes', async () => {
  await withStore(join(folder, 'csv'), async (store) => {
    const described = ['say "hi"', 'a, b', ' x', '\\.', '\\.x', 'x ', '中,', '']
    await addRecords(
      store,
      described.map((description, i) => imageRecord(`${i}`, { aliases: aliases(`${i}`), properties: { description } })),
    )
    const options = { columns: 'lfd', format: 'csv' } as const
    const [quick, full] = await lists(store, always, options)
    expect(quick).toBe(full)
    expect(textOf(printRows(store.database, always, parseColumns('lfd'), 'csv', {}))).toBe(full)
  })
})

test('what SQLite would print otherwise is left to Ingot', async () => {
  const plain = imageRecord('plain', { aliases: aliases('a'), properties: { description: 'plain' } })
  for (const [i, description] of ['a\u0000b', 'red \u001b[31m', 'two\nlines', 'del \u007f', '\u3000x'].entries()) {
    await withStore(join(folder, `other-${i}`), async (store) => {
      await addRecords(store, [plain, imageRecord('other', { properties: { description } })])
      expect(isPrinted(store)).toBe(false)
      for (const format of ['table', 'csv'] as const) {
        const [quick, full] = await lists(store, always, { format })
        expect(quick).toBe(full)
      }
      const first = condition('id = 1')
      expect(isPrinted(store, first)).toBe(true)
      const [quick, full] = await lists(store, first)
      expect(quick).toBe(full)
    })
  }
  await withStore(join(folder, 'large'), async (store) => {
    const properties = { description: 'x'.repeat(10_000_000) }
    await addRecords(store, [{ ...plain, properties }, ...['b', 'c', 'd', 'e', 'f'].map((seed) => imageRecord(seed))])
    expect(isPrinted(store)).toBe(false)
    expect(isPrinted(store, condition('id > 1'))).toBe(true)
  })
})

test('what is damaged is not listed quickly: reading its record tells of it', async () => {
  for (const damage of ["fingerprint = 'x'", "architecture = 'vax'", "type = 'tape'", "size = 'big'"]) {
    await withStore(join(folder, `damaged-${damage.slice(0, 4)}`), async (store) => {
      await addRecords(store, [imageRecord('a')])
      store.database.exec(`UPDATE images SET ${damage}`)
      expect(quickList(store.database, always, {})).toBeUndefined()
      await store.exclusively(async () => {})
      expect(quickList(store.database, always, {})).toBeUndefined()
    })
  }
})

test('json and yaml, and columns that there are not', async () => {
  await withStore(join(folder, 'none'), async ({ database }) => {
    expect(quickList(database, always, { format: 'json' })).toBeUndefined()
    expect(quickList(database, always, { format: 'yaml' })).toBeUndefined()
    expect(() => quickList(database, always, { columns: 'lq' })).toThrow('there is no column "q"')
    expect(() => quickList(database, always, { sortBy: 'q' })).toThrow('there is no column "q"')
  })
})

test('whatever changes, the list is up to date after it; in between there is none', async () => {
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
    let [before] = await lists(store)
    for (const change of changes) {
      await change()
      const [quick, full] = await lists(store)
      expect(quick).toBe(full)
      expect(quick).not.toBe(before)
      before = quick
    }
    // As when it is killed before the listing is brought up to date.
    store.database.exec("UPDATE aliases SET name = 'moved' WHERE image_id = 7")
    expect((await lists(store))[0]).toBeUndefined()
    await store.exclusively(async () => {})
    const [quick, full] = await lists(store)
    expect(quick).toBe(full)
    expect(quick).toContain('| moved ')
  })
})
