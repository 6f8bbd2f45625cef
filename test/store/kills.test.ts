import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { pour } from '../../src/formats/pour.ts'
import { listImages } from '../../src/store/catalog/list.ts'
import { checkStore } from '../../src/store/check.ts'
import { openStore, type Store, storeFolders } from '../../src/store/store.ts'
import { verifyImages } from '../../src/store/verify.ts'
import { ownFolder, smallTree, withStore } from '../support/store.ts'
import { item, treeImage } from '../support/trees.ts'

const soak = process.env.INGOT_SOAK !== undefined
const kills = soak ? 2000 : 200
const images = 6
const folder = ownFolder('kills')
const worker = join(import.meta.dirname, 'worker.ts')
/** Milliseconds until a worker has opened the store, where nothing else is done. */
const usualStart = 200
let acknowledged = 0
const known = new Map<number, 'present' | 'absent' | 'unknown'>()

async function writeImages(): Promise<void> {
  for (let i = 0; i < images; i++) await writeOne(`${i}`, 300_000 * (i + 1))
  // What comes from where something new may be.
  for (const i of [100, 101, 102]) for (const form of [0, 1]) await writeOne(`${i}-${form}`, 500_000)
}

async function writeOne(mark: string, size: number): Promise<void> {
  const bytes = Buffer.alloc(size, `image ${mark} `)
  const tree = [...smallTree(mark), item({ path: 'zz-noise', type: 'file' }, bytes)]
  const compression = { kind: 'none' } as const
  await pour([treeImage(tree)], { to: 'rootfs', compression, out: join(folder, `image-${mark}`), warn: () => {} })
}

function start(home: string, seed: number): ChildProcess {
  return spawn(process.execPath, [worker, home, folder, `${images}`, `${seed}`], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Lets a worker work for some time, kills it and notes what it had been told. Returns what it said on standard error. */
async function killOne(home: string, seed: number, early: boolean, after: number): Promise<string> {
  const child = start(home, seed)
  const output: Buffer[] = []
  let errors = ''
  child.stdout!.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk))
  const started = performance.now()
  if (!early) await once(child.stdout!, 'data')
  // A machine that takes longer to start a process takes longer for the work, too.
  const pace = early ? 1 : Math.max(1, (performance.now() - started) / usualStart)
  await sleep(after * pace)
  child.kill('SIGKILL')
  await once(child, 'close')
  for (const line of Buffer.concat(output).toString().split('\n')) {
    const [word, image] = line.split(' ')
    if (word === 'imported' || word === 'deleted') {
      known.set(Number(image), word === 'imported' ? 'present' : 'absent')
      acknowledged++
    }
    if (word === 'importing' || word === 'deleting') known.set(Number(image), 'unknown')
  }
  return errors
}

/** What is listed has all its blobs, at every moment: or it is gone a moment later. */
async function readAll(store: Store): Promise<number> {
  const { blobs } = storeFolders(store.path)
  const query = store.database.prepare(
    `SELECT digest, rendition_files.size FROM rendition_files JOIN renditions ON renditions.id = rendition_id
     JOIN images ON images.id = image_id WHERE images.fingerprint = ?`,
  )
  let looked = 0
  for (const { fingerprint, size } of listImages(store.database)) {
    const files = query.all(fingerprint)
    const whole = files.every((file) => {
      const path = join(blobs, String(file.digest).slice(7))
      return existsSync(path) && statSync(path).size === Number(file.size)
    })
    const listed = () => listImages(store.database).some((image) => image.fingerprint === fingerprint)
    if ((files.length === 0 || !whole) && query.all(fingerprint).length === files.length && listed()) {
      throw new Error(`${fingerprint} of ${size} bytes can be seen, but is not whole`)
    }
    looked++
  }
  return looked
}

test(`${kills} kills lose nothing that was acknowledged, show nothing that is not whole, and leave nothing`, async () => {
  await writeImages()
  const home = join(folder, 'home')
  const reader = await openStore(home)
  let reading = true
  let looks = 0
  const read = (async () => {
    for (; reading; await sleep(3)) looks += await readAll(reader)
  })()
  read.catch(() => {}) // thrown below
  for (let i = 0; i < kills; i++) {
    // Some die while they start, most in the midst of work.
    const errors = await killOne(home, i, i % 10 === 0, (i * 7919) % 300)
    expect(errors).toBe('')
    const there = new Set(listImages(reader.database).flatMap((image) => image.aliases.map((alias) => alias.name)))
    for (const [image, state] of known) {
      const present = there.has(`image-${image}`)
      if (state !== 'unknown') expect([i, image, present ? 'present' : 'absent']).toEqual([i, image, state])
      known.set(image, present ? 'present' : 'absent')
    }
  }
  reading = false
  await read
  expect(looks).toBeGreaterThan(kills)
  // How much is done between two kills depends on the machine; that something is, must not.
  expect(acknowledged).toBeGreaterThan(kills / 5)

  const findings = await checkStore(reader, true)
  expect(findings.filter(({ kind }) => kind !== 'leftover')).toEqual([])
  for await (const { fingerprint, problems } of verifyImages(reader))
    expect([fingerprint, problems]).toEqual([fingerprint, []])
  expect(await checkStore(reader, false)).toEqual([])
  const folders = storeFolders(home)
  expect(readdirSync(folders.temporary)).toEqual([])
  const needed = reader.database.prepare('SELECT count(DISTINCT digest) AS n FROM rendition_files').get()!.n
  expect(readdirSync(folders.blobs)).toHaveLength(Number(needed))
  reader.close()
}, 900_000)

test('killed while a store is made, it is made by the next', async () => {
  for (let i = 0; i < 20; i++) {
    const home = join(folder, `new-${i}`)
    const child = start(home, i)
    await sleep(100 + i * 12)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(await withStore(home, async (store) => await checkStore(store, false))).toEqual([])
  }
})

test('ten processes that import the same image: ten successes, one copy', async () => {
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'image-0'))) await writeImages()
  const home = join(folder, 'ten')
  const script = `
    import { importImage } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/import.ts'))}
    import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/store.ts'))}
    const store = await openStore(process.argv[1])
    const { existed } = await importImage(store, 'rootfs:' + process.argv[2], { aliases: ['ten', 'by-' + process.argv[3]] })
    console.log(existed)`
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const args = ['--input-type=module', '-e', script, home, join(folder, 'image-5'), `${i}`]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => (said += chunk))
      const [status] = await once(child, 'close')
      return [status, said.trim()]
    }),
  )
  expect(outcomes.map(([status]) => status)).toEqual(new Array(10).fill(0))
  expect(outcomes.filter(([, existed]) => existed === 'false')).toHaveLength(1)
  await withStore(home, async (store) => {
    const [image, ...others] = listImages(store.database)
    expect(others).toEqual([])
    expect(image!.aliases).toHaveLength(11)
    expect(await checkStore(store, false)).toEqual([])
  })
  expect(readdirSync(storeFolders(home).blobs)).toHaveLength(1)
})
