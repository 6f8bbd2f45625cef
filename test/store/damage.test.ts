import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IngotError } from '../../src/image/error.ts'
import { listImages } from '../../src/store/catalog/list.ts'
import { checkStore } from '../../src/store/check.ts'
import { exportImage } from '../../src/store/export.ts'
import { importImage } from '../../src/store/import.ts'
import { openStore, type Store, storeFolders } from '../../src/store/store.ts'
import { verifyImages } from '../../src/store/verify.ts'
import { ownFolder, withStore, writeImage } from '../support/store.ts'

const rounds = process.env.INGOT_SOAK === undefined ? 150 : 3000
const folder = ownFolder('damage')
const names = ['a', 'b', 'c']

/** The same numbers each time. */
function randomFrom(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function damage(path: string, random: (below: number) => number): void {
  const bytes = readFileSync(path)
  for (let i = 0; i <= random(4); i++) bytes[random(bytes.length)]! ^= 1 << random(8)
  writeFileSync(path, bytes)
}

/** What everything that looks at the store says; anything but an answer or an IngotError fails the test. */
async function tryAll(store: Store, originals: ReadonlySet<string>, out: string): Promise<number> {
  let told = 0
  const attempt = async (work: () => Promise<unknown> | unknown) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof IngotError)) throw error
      told++
    }
  }
  await attempt(() => listImages(store.database))
  await attempt(async () => {
    for await (const { problems } of verifyImages(store)) told += problems.length
  })
  await attempt(async () => {
    told += (await checkStore(store, false)).length
  })
  for (const name of names) {
    await attempt(async () => {
      rmSync(out, { recursive: true, force: true })
      mkdirSync(out)
      const { files } = await exportImage(store, name, { out: `${out}/`, warn: () => {} })
      for (const file of files) expect(originals.has(readFileSync(file.path).toString('base64'))).toBe(true)
    })
    expect(readdirSync(out).filter((file) => file.startsWith('.'))).toEqual([])
  }
  return told
}

test(`${rounds} damaged catalogs and blobs: reported, and nothing wrong is ever given`, async () => {
  const home = join(folder, 'home')
  const originals = new Set<string>()
  await withStore(home, async (store) => {
    for (const [i, to] of ['rootfs', 'lxd', 'docker'].entries()) {
      const reference = await writeImage(join(folder, 'in'), names[i]!, to)
      for (const path of reference.slice(reference.indexOf(':') + 1).split(','))
        originals.add(readFileSync(path).toString('base64'))
      await importImage(store, reference, { aliases: [names[i]!], properties: { note: 'x'.repeat(200) } })
    }
  })
  let reported = 0
  for (let round = 0; round < rounds; round++) {
    const random = randomFrom(round)
    const copy = join(folder, 'copy')
    rmSync(copy, { recursive: true, force: true })
    cpSync(home, copy, { recursive: true })
    const { blobs, catalog } = storeFolders(copy)
    const victims = [catalog, catalog, ...readdirSync(blobs).map((name) => join(blobs, name))]
    damage(victims[random(victims.length)]!, random)
    let store: Store
    try {
      store = await openStore(copy)
    } catch (error) {
      if (!(error instanceof IngotError)) throw error
      reported++
      continue
    }
    try {
      reported += Number((await tryAll(store, originals, join(folder, 'out'))) > 0)
    } finally {
      store.close()
    }
  }
  // Not every bit of a database says something; most bits here do.
  expect(reported).toBeGreaterThan(rounds / 4)
})
