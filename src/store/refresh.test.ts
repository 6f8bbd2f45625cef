import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder, withStore, writeImage } from '../../test/support/store.ts'
import { messageOf } from '../image/error.ts'
import { createAlias } from './aliases.ts'
import { listImages } from './catalog/list.ts'
import { changeImage } from './changes.ts'
import { checkStore } from './check.ts'
import { deleteImages } from './delete.ts'
import { importImage } from './import.ts'
import { refreshImages } from './refresh.ts'
import type { Store } from './store.ts'

const folder = ownFolder('refresh')
const inputs = join(folder, 'inputs')

test('refresh: what is new where an image came from takes its aliases; what came before goes after a grace time', async () => {
  const [one, two] = [await writeImage(inputs, 'first'), await writeImage(inputs, 'fresh')]
  const path = join(inputs, 'moving')
  const put = (reference: string) => cpSync(reference.slice('rootfs:'.length), path)
  const refreshed = async (store: Store, names?: readonly string[]) => {
    const failed: string[] = []
    const became: string[] = []
    const options = {
      failed: (_: unknown, error: unknown) => failed.push(messageOf(error)),
      ...(names ? { names } : {}),
    }
    for await (const { fingerprint } of refreshImages(store, options)) became.push(fingerprint)
    return { failed, became }
  }
  await withStore(join(folder, 'one'), async (store) => {
    put(one)
    const options = { aliases: ['moving', 'lab'], public: true, autoUpdate: true }
    const { fingerprint } = await importImage(store, `rootfs:${path}`, options)
    await createAlias(store, 'described', 'moving', { description: 'text' })
    expect(await refreshed(store)).toEqual({ failed: [], became: [fingerprint] })
    put(two)
    const { became } = await refreshed(store)
    expect(became[0]).not.toBe(fingerprint)
    const [old, fresh] = listImages(store.database)
    expect(old).toMatchObject({ fingerprint, aliases: [], replacedAt: expect.any(Number) })
    expect(fresh).toMatchObject({ fingerprint: became[0], public: true, autoUpdate: true, replacedAt: undefined })
    expect(fresh!.aliases).toEqual([
      { name: 'described', description: 'text' },
      { name: 'lab', description: '' },
      { name: 'moving', description: '' },
    ])
    // The old one is not asked for again.
    expect(await refreshed(store)).toEqual({ failed: [], became })
    rmSync(path)
    const gone = await refreshed(store, ['lab'])
    expect(gone).toEqual({ failed: [expect.stringContaining('moving')], became: [] })
    await expect(refreshed(store, ['nobody'])).rejects.toMatchObject({ code: 'not-found' })
    expect(listImages(store.database)).toEqual([old, fresh])
  })
})

test('what is done to an image while it is refreshed stays done', async () => {
  const [one, two] = [await writeImage(inputs, 'before'), await writeImage(inputs, 'after')]
  const path = join(inputs, 'raced')
  const put = (reference: string) => cpSync(reference.slice('rootfs:'.length), path)
  /** Refreshes, and does something once the new image is about to be read. */
  async function race(store: Store, meanwhile: () => Promise<unknown>): Promise<string[]> {
    const stage = async () => {
      await meanwhile()
      return await store.blobs.stage()
    }
    const failures: string[] = []
    const failed = (_: unknown, error: unknown) => failures.push(messageOf(error))
    for await (const _ of refreshImages({ ...store, blobs: { ...store.blobs, stage } }, { failed }));
    return failures
  }
  await withStore(join(folder, 'raced'), async (store) => {
    put(one)
    const options = { aliases: ['raced', 'stable'], public: true, autoUpdate: true }
    const { fingerprint } = await importImage(store, `rootfs:${path}`, options)
    const { fingerprint: other } = await importImage(store, await writeImage(inputs, 'other'))
    put(two)
    const failures = await race(store, async () => {
      await createAlias(store, 'stable', other, { replace: true })
      await createAlias(store, 'new', fingerprint)
      await store.exclusively((catalog) => changeImage(catalog, 1, { public: false }))
    })
    expect(failures).toEqual([])
    const names = () => listImages(store.database).map((image) => image.aliases.map(({ name }) => name))
    expect(names()).toEqual([[], ['stable'], ['new', 'raced']])
    expect(listImages(store.database)[2]).toMatchObject({ public: false, autoUpdate: true })
    put(one)
    expect(await race(store, async () => await deleteImages(store, ['raced', fingerprint]))).toEqual([
      'the image was deleted meanwhile',
    ])
    expect(names()).toEqual([['stable']])
    expect(await checkStore(store, false)).toEqual([])
  })
})

test('refresh finds both files of a split image again, and the one of several images in an archive', async () => {
  await withStore(join(folder, 'two'), async (store) => {
    const split = await writeImage(inputs, 'pair', 'lxd', 'split-tar')
    const several = await writeImage(inputs, 'tagged', 'oci')
    const names = [split, several]
    const before: string[] = []
    for (const [i, reference] of names.entries()) {
      before.push((await importImage(store, reference, { aliases: [`a${i}`], autoUpdate: true })).fingerprint)
    }
    const became: string[] = []
    const failed = (_: unknown, error: unknown) => {
      throw error
    }
    for await (const { fingerprint } of refreshImages(store, { failed })) became.push(fingerprint)
    expect(became).toEqual(before)
  })
})
