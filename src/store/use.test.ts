import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addRecords } from '../../test/support/catalog.ts'
import { imageRecord } from '../../test/support/image-record.ts'
import { ownFolder, withStore } from '../../test/support/store.ts'
import { listImages } from './catalog/list.ts'
import { noteUse } from './use.ts'

test('a use is noted, once a minute, and never an error', async () => {
  await withStore(join(ownFolder('use'), 'home'), async (store) => {
    const { database } = store
    await addRecords(store, [imageRecord('a'), imageRecord('b')])
    const uses = () => listImages(database).map(({ lastUsedAt }) => lastUsedAt)
    const set = (time: number) => database.prepare('UPDATE images SET last_used_at = ? WHERE id = 2').run(time)
    const now = Math.floor(Date.now() / 1000)
    noteUse(database, 2)
    expect(uses()).toEqual([undefined, expect.toSatisfy((time: number) => time >= now)])
    for (const [before, isNoted] of [
      [now - 30, false],
      [now - 90, true],
      [now + 86_400, true],
    ] as const) {
      set(before)
      noteUse(database, 2)
      expect(uses()[1] === before).toBe(!isNoted)
    }
    noteUse(database, 3, 'no such rendition')
    database.exec('PRAGMA query_only = ON')
    noteUse(database, 1, 'primary')
    expect(uses()[0]).toBeUndefined()
  })
})
