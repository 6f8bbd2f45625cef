import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addRecords } from '../../../test/support/catalog.ts'
import { aliases, imageRecord } from '../../../test/support/image-record.ts'
import { ownFolder, withStore } from '../../../test/support/store.ts'
import { deleteImages } from '../delete.ts'
import { writeSetting } from '../settings.ts'
import { prune } from './prune.ts'

const folder = ownFolder('prune')
const now = 1_900_000_000
const long = now - 100 * 86_400

test('tells why, what each frees by itself, and what all free together', async () => {
  await withStore(join(folder, 'shared'), async (store) => {
    const cached = { cached: true, lastUsedAt: long }
    const images = [
      imageRecord('a', { ...cached, size: 1, aliases: aliases('b', 'a') }),
      imageRecord('b', { expiresAt: now, size: 10 }),
      imageRecord('c', { replacedAt: long, size: 100 }),
      imageRecord('d', { size: 1000 }),
      imageRecord('e', { ...cached, lastUsedAt: now, size: 10_000 }),
    ]
    await addRecords(store, images)
    const use = (digest: string, size: number, rendition: number) =>
      store.database
        .prepare("INSERT INTO rendition_files VALUES (?, (SELECT count(*) FROM rendition_files), 'blob', '', '', ?, ?)")
        .run(rendition, `sha256:${digest.repeat(64)}`, size)
    store.database.exec(
      `INSERT INTO renditions (id, image_id, key, format, made_at) VALUES (10, 4, 'x', 'oci', ${long}), (11, 4, 'y', 'docker', ${now}), (12, 1, 'x', 'oci', ${long})`,
    )
    // What two that go have, what one that goes and one that stays have, and what one image has twice.
    for (const rendition of [1, 2]) use('1', 200_000, rendition)
    for (const rendition of [1, 4]) use('2', 3_000_000, rendition)
    for (const rendition of [1, 12]) use('3', 40_000_000, rendition)
    use('4', 500_000_000, 10)
    for (const rendition of [10, 11]) use('5', 6_000_000_000, rendition)
    await writeSetting(await store.catalog(), 'images.expired', 'delete')
    const expected = [
      { reason: 'unused', aliases: ['a', 'b'], bytes: 40_000_001 },
      { reason: 'expired', aliases: [], bytes: 10 },
      { reason: 'replaced', aliases: [], bytes: 100 },
      { reason: 'rendition', aliases: [], bytes: 500_000_000 },
    ]
    const dry = await prune(store, { now, dryRun: true })
    expect(dry).toMatchObject({ removed: expected, bytes: 540_200_111 })
    expect(await prune(store, { now })).toEqual(dry)
    expect(store.database.prepare('SELECT id FROM images').all()).toEqual([{ id: 4 }, { id: 5 }])
    expect(store.database.prepare('SELECT DISTINCT rendition_id AS id FROM rendition_files').all()).toEqual([
      { id: 4 },
      { id: 5 },
      { id: 11 },
    ])
    expect(await prune(store, { now })).toEqual({ removed: [], bytes: 0 })
    expect(await deleteImages(store, [images[3]!.fingerprint])).toMatchObject({ bytes: 6_003_001_000 })
  })
})
