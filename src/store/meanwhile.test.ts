import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder, withStore, writeImage } from '../../test/support/store.ts'
import type { Digest } from '../image/digest.ts'
import { deleteImages } from './delete.ts'
import { exportImage } from './export.ts'
import { importImage } from './import.ts'
import { storeFolders } from './store.ts'
import { verifyImages } from './verify.ts'

// What others do between two steps of something that takes long.

const folder = ownFolder('meanwhile')
const inputs = join(folder, 'inputs')
const warn = () => {}

test('an image that is deleted while it is converted is not found, and leaves nothing', async () => {
  const path = join(folder, 'converted')
  await withStore(path, async (store) => {
    await importImage(store, await writeImage(inputs, 'going'), { aliases: ['going'] })
    const stage = async () => {
      const staging = await store.blobs.stage()
      await deleteImages(store, ['going'])
      return staging
    }
    const out = join(folder, 'going/')
    mkdirSync(out)
    const raced = { ...store, blobs: { ...store.blobs, stage } }
    await expect(exportImage(raced, 'going', { to: 'lxd', out, warn })).rejects.toMatchObject({ code: 'not-found' })
    expect(readdirSync(out)).toEqual([])
    expect(readdirSync(storeFolders(path).blobs)).toEqual([])
  })
})

test('what is deleted while it is verified is not told as damaged', async () => {
  await withStore(join(folder, 'verified'), async (store) => {
    for (const name of ['first', 'second']) {
      await importImage(store, await writeImage(inputs, `verified-${name}`), { aliases: [name] })
    }
    let isDeleted = false
    const open = async (digest: Digest) => {
      if (!isDeleted) await deleteImages(store, ['second'])
      isDeleted = true
      return await store.blobs.open(digest)
    }
    const [{ id } = { id: 0 }] = (await (await store.catalog()).selectFrom('images').select('id').execute()).slice(1)
    const found = []
    for await (const result of verifyImages({ ...store, blobs: { ...store.blobs, open } }, [id])) found.push(result)
    expect(isDeleted).toBe(true)
    expect(found).toEqual([])
  })
})
