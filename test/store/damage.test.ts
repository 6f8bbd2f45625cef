import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IngotError } from '../../src/image/error.ts'
import { listImages } from '../../src/store/catalog/list.ts'
import { checkStore } from '../../src/store/check.ts'
import { exportImage } from '../../src/store/export.ts'
import { importImage } from '../../src/store/import.ts'
import { salvageCatalog } from '../../src/store/salvage.ts'
import { openStore, type Store, storeFolders } from '../../src/store/store.ts'
import { verifyImages } from '../../src/store/verify.ts'
import { makeCatalog } from '../support/catalog.ts'
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

/** What is left of a damaged catalog makes a store that is in order, but for blobs that nothing needs any more, and gives nothing wrong. */
async function salvage(home: string, originals: ReadonlySet<string>): Promise<boolean> {
  const { catalog } = storeFolders(home)
  const before = readFileSync(catalog)
  const salvaged = await salvageCatalog(home)
  if (!salvaged) return false
  expect(readFileSync(salvaged.damaged).equals(before)).toBe(true)
  await withStore(home, async (store) => {
    expect(listImages(store.database)).toHaveLength(salvaged.images)
    const findings = await checkStore(store, false)
    expect(findings.filter(({ kind }) => kind !== 'leftover')).toEqual([])
    await tryAll(store, originals, join(folder, 'out'))
  })
  expect(await salvageCatalog(home)).toBeUndefined()
  return true
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
  let salvages = 0
  for (let round = 0; round < rounds; round++) {
    const random = randomFrom(round)
    const copy = join(folder, 'copy')
    rmSync(copy, { recursive: true, force: true })
    cpSync(home, copy, { recursive: true })
    const { blobs, catalog } = storeFolders(copy)
    const victims = [catalog, catalog, ...readdirSync(blobs).map((name) => join(blobs, name))]
    damage(victims[random(victims.length)]!, random)
    let store: Store | undefined
    try {
      store = await openStore(copy)
    } catch (error) {
      if (!(error instanceof IngotError)) throw error
      reported++
    }
    try {
      if (store) reported += Number((await tryAll(store, originals, join(folder, 'out'))) > 0)
    } finally {
      store?.close()
    }
    salvages += Number(await salvage(copy, originals))
  }
  expect(salvages).toBeGreaterThan(rounds / 30)
  // Not every bit of a database says something; most bits here do.
  expect(reported).toBeGreaterThan(rounds / 4)
})

test('a catalog with a page of noise: the images of the other pages stay as they were', async () => {
  const home = join(folder, 'pages')
  await makeCatalog(home, 2000)
  const before = await withStore(home, async (store) => listImages(store.database))
  const { catalog } = storeFolders(home)
  const bytes = readFileSync(catalog)
  const page = bytes.readUInt16BE(16)
  const at = bytes.indexOf(before[700]!.fingerprint)
  bytes.fill(0xa5, at - (at % page), at - (at % page) + page)
  writeFileSync(catalog, bytes)
  const salvaged = await salvageCatalog(home)
  expect(salvaged).toMatchObject({ damaged: `${catalog}.damaged-1` })
  expect(salvaged!.images).toBeGreaterThan(1900)
  const known = new Map(before.map((image) => [image.fingerprint, image]))
  await withStore(home, async (store) => {
    for (const image of listImages(store.database)) expect(image).toEqual(known.get(image.fingerprint))
  })
})

test('what is no database any more becomes an empty catalog; its blobs and it stay', async () => {
  const home = join(folder, 'noise')
  await withStore(home, async (store) => {
    await importImage(store, await writeImage(join(folder, 'in'), 'n'), { aliases: ['n'] })
  })
  const { catalog, blobs } = storeFolders(home)
  writeFileSync(catalog, 'nothing that SQLite knows')
  expect(await salvageCatalog(home)).toMatchObject({ images: 0, lost: [] })
  expect(readFileSync(`${catalog}.damaged-1`, 'utf8')).toBe('nothing that SQLite knows')
  await withStore(home, async (store) => expect(listImages(store.database)).toEqual([]))
  expect(readdirSync(blobs)).toHaveLength(1)
})
