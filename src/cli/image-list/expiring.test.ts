import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addRecords } from '../../../test/support/catalog.ts'
import { aliases, imageRecord } from '../../../test/support/image-record.ts'
import { ownFolder, withStore } from '../../../test/support/store.ts'
import { always } from '../../store/catalog/condition.ts'
import { expiringSoon } from './expiring.ts'
import { matching } from './filter.ts'

const now = 1_800_000_000
const day = 86_400

test('one line for each image that expires within so many days, ten at most', async () => {
  await withStore(join(ownFolder('expiring'), 'home'), async (store) => {
    const soon = Array.from({ length: 12 }, (_, i) => imageRecord(`${i}`, { expiresAt: now + (i + 1) * 3600 }))
    await addRecords(store, [
      imageRecord('gone', { expiresAt: now }),
      imageRecord('later', { expiresAt: now + 2 * day + 1 }),
      imageRecord('never'),
      imageRecord('named', { expiresAt: now + 2 * day, aliases: aliases('one', 'more') }),
      ...soon,
    ])
    const lines = expiringSoon(store.database, always, now, 2)
    expect(lines.slice(0, 2)).toEqual([
      'more expires on 2027-01-17',
      `${soon[0]!.fingerprint.slice(0, 12)} expires on 2027-01-15`,
    ])
    expect(lines.slice(9)).toEqual([`${soon[8]!.fingerprint.slice(0, 12)} expires on 2027-01-15`, '… and 3 more'])
    expect(expiringSoon(store.database, matching(['one']), now, 2)).toEqual(['more expires on 2027-01-17'])
    expect(expiringSoon(store.database, always, now, 0)).toEqual([])
  })
})
