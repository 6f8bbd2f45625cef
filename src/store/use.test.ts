import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addRecords } from '../../test/support/catalog.ts'
import { imageRecord } from '../../test/support/image-record.ts'
import { ownFolder, withStore, writeImage } from '../../test/support/store.ts'
import { listImages } from './catalog/list.ts'
import { exportImage } from './export.ts'
import { importImage } from './import.ts'
import { prune } from './lifecycle/prune.ts'
import { noteUse } from './use.ts'

const folder = ownFolder('use')

test('a use is noted, once a minute, and never an error', async () => {
  await withStore(join(folder, 'home'), async (store) => {
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

test('what is used stays: a rendition that was given out goes its days after that', async () => {
  let count = 0
  await withStore(join(folder, 'given'), async (store) => {
    await importImage(store, await writeImage(join(folder, 'inputs'), 'used'), { aliases: ['used'], cached: true })
    const give = async () => {
      const out = join(folder, `used-${count++}/`)
      mkdirSync(out)
      await exportImage(store, 'used', { to: 'proxmox', out, warn: () => {} })
    }
    await give()
    const day = 86_400
    const age = () => {
      const times = 'last_used_at = last_used_at - ?'
      store.database.prepare(`UPDATE images SET uploaded_at = uploaded_at - ?, ${times}`).run(9 * day, 9 * day)
      store.database.prepare(`UPDATE renditions SET made_at = made_at - ?, ${times}`).run(29 * day, 29 * day)
    }
    for (let i = 0; i < 3; i++) {
      age()
      await give()
      expect((await prune(store)).removed).toEqual([])
    }
    store.database.prepare('UPDATE renditions SET last_used_at = last_used_at - ?').run(30 * day)
    expect((await prune(store)).removed).toMatchObject([{ reason: 'rendition' }])
    store.database.prepare('UPDATE images SET last_used_at = last_used_at - ?').run(10 * day)
    expect((await prune(store)).removed).toMatchObject([{ reason: 'unused' }])
  })
})
