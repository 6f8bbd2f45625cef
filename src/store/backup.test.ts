import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder, withStore, writeImage } from '../../test/support/store.ts'
import { createAlias } from './aliases.ts'
import { backupStore, moveStore } from './backup.ts'
import { listImages } from './catalog/list.ts'
import { checkStore } from './check.ts'
import { deleteImages } from './delete.ts'
import { importImage } from './import.ts'
import { openStore } from './store.ts'

const folder = ownFolder('backup')
const inputs = join(folder, 'inputs')

test('a backup is a store; again it takes what is new and drops what has gone', async () => {
  const home = join(folder, 'home')
  const copy = join(folder, 'copy')
  await withStore(home, async (store) => {
    await importImage(store, await writeImage(inputs, 'a'), { aliases: ['a'] })
    await importImage(store, await writeImage(inputs, 'b', 'lxd'), { aliases: ['b'] })
    expect(await backupStore(store, copy)).toMatchObject({ copied: 3 })
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

test('a moved store is found at both places, and nobody writes to the old one', async () => {
  const home = join(folder, 'old')
  const to = join(folder, 'new')
  const other = await openStore(home)
  await withStore(home, async (store) => {
    await importImage(store, await writeImage(inputs, 'moved'), { aliases: ['moved'] })
    mkdirSync(join(home, 'logs'))
    writeFileSync(join(home, 'logs', 'build.log'), 'text')
    await expect(moveStore(store, join(home, 'inside'))).rejects.toMatchObject({ code: 'usage' })
    await moveStore(store, to)
  })
  expect(readdirSync(join(to, 'logs'))).toEqual(['build.log'])
  expect(lstatSync(home).isSymbolicLink()).toBe(true)
  await expect(createAlias(other, 'lost', 'moved')).rejects.toMatchObject({ code: 'io', hint: 'Try again.' })
  other.close()
  for (const path of [home, to]) {
    await withStore(path, async (store) => {
      expect(listImages(store.database)[0]!.aliases.map((alias) => alias.name)).toContain('moved')
      await createAlias(store, `at-${path === home}`, 'moved')
      expect(await checkStore(store, false)).toEqual([])
    })
  }
})
