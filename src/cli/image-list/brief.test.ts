import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { makeCatalog } from '../../../test/support/catalog.ts'
import { ownFolder, withStore } from '../../../test/support/store.ts'
import { fieldsBeyondBrief } from '../../store/catalog/brief-record.ts'
import type { ImageRecord } from '../../store/catalog/image-record.ts'
import { listBriefly, listImages } from '../../store/catalog/list.ts'
import { imageColumns } from './columns.ts'
import { areBriefTerms, asksProperties, filterImages } from './filter.ts'
import { isBriefList, type ListOptions, renderImages } from './render.ts'

let full: readonly ImageRecord[] = []
let brief: readonly ImageRecord[] = []
let briefest: readonly ImageRecord[] = []

beforeAll(async () => {
  const home = join(ownFolder('brief'), 'home')
  await makeCatalog(home, 30)
  await withStore(home, async (store) => {
    full = listImages(store.database)
    brief = listBriefly(store.database, 'all')
    briefest = listBriefly(store.database, 'description')
  })
})

test('a column shows the same of a brief record where it may show one, and nothing else is told of the others', async () => {
  let enough = 0
  for (const { letter } of imageColumns) {
    for (const options of [{ columns: letter }, { sortBy: letter, reverse: true }] satisfies ListOptions[]) {
      const shown = renderImages(briefest, options)
      if (isBriefList(options)) expect(await shown).toBe(await renderImages(full, options))
      else await expect(shown).rejects.toThrow('was not read from the catalog')
      if (isBriefList(options)) enough++
    }
  }
  expect(enough).toBe(22)
  expect(isBriefList({})).toBe(true)
  for (const format of ['json', 'yaml'] as const) expect(isBriefList({ format })).toBe(false)
})

test('a term finds the same of brief records where they are enough for it', () => {
  const terms = [
    'debian',
    'os=debian',
    'release=1.',
    'type=container',
    'public=true',
    'size=100000003',
    'architecture=arm64',
  ]
  const found = (images: readonly ImageRecord[], term: string) => filterImages(images, [term]).map((x) => x.fingerprint)
  for (const term of [...terms, 'fingerprint=5f', 'expires_at=', 'uploaded_at=2026-11-18T11:06:41Z', '=x']) {
    expect(areBriefTerms([term])).toBe(true)
    expect(found(asksProperties([term]) ? brief : briefest, term)).toEqual(found(full, term))
  }
  for (const key of ['format', 'variant', 'filename', 'created_at', 'last_used_at', 'cached', 'auto_update']) {
    expect(areBriefTerms(['debian', `${key}=x`])).toBe(false)
    expect(() => found(brief, `${key}=x`)).toThrow('was not read from the catalog')
  }
})

test('a brief record throws for each field that it has not', () => {
  for (const field of fieldsBeyondBrief) expect(() => brief[0]![field]).toThrow(`${field} was not read`)
})
