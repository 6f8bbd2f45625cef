import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder, withStore, writeImage } from '../../test/support/store.ts'
import { backupStore } from './backup.ts'
import { listImages } from './catalog/list.ts'
import { checkStore } from './check.ts'
import { deleteImages } from './delete.ts'
import { importImage } from './import.ts'
import { moveStore } from './move.ts'

const folder = ownFolder('backup')
const inputs = join(folder, 'inputs')

test('a backup is a store; again it takes what is new and drops what has gone', async () => {
  const home = join(folder, 'home')
  const copy = join(folder, 'copy')
  await withStore(home, async (store) => {
    await importImage(store, await writeImage(inputs, 'a'), { aliases: ['a'] })
    await importImage(store, await writeImage(inputs, 'b', 'lxd'), { aliases: ['b'] })
    expect(await backupStore(store, copy)).toMatchObject({ copied: 3 })
    expect(statSync(join(copy, 'catalog.db')).mode & 0o777).toBe(0o600)
    await withStore(copy, async (backup) => {
      expect(listImages(backup.database)).toEqual(listImages(store.database))
      expect(await checkStore(backup, false)).toEqual([])
    })
    await deleteImages(store, ['a'])
    await importImage(store, await writeImage(inputs, 'c'), { aliases: ['c'] })
    expect(await backupStore(store, copy)).toMatchObject({ copied: 1 })
    await withStore(copy, async (backup) => {
      expect(listImages(backup.database)).toEqual(listImages(store.database))
      expect(await checkStore(backup, false)).toEqual([])
    })
    const foreign = join(folder, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'thesis.tex'), '')
    await expect(backupStore(store, foreign)).rejects.toMatchObject({ code: 'exists' })
    await expect(moveStore(store, foreign)).rejects.toMatchObject({ code: 'exists' })
    expect(readdirSync(foreign)).toEqual(['thesis.tex'])
  })
})
