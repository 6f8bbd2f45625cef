import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Digest, parseDigest, verified } from '../image/digest.ts'
import { IngotError, ioError } from '../image/error.ts'
import { fileBlobs } from './blobs/files.ts'
import type { BlobDriver } from './blobs/types.ts'
import type { Catalog } from './catalog/open.ts'
import { explaining } from './catalog/sqlite.ts'
import { type Store, storeFolders } from './store.ts'

export interface BackedUp {
  /** Blobs that were copied, and their bytes; those that were there already are not counted. */
  readonly copied: number
  readonly bytes: number
}

/**
 * Copies the store into a folder, which is a store itself then: for `--home`. A backup that is there already is brought up to date.
 * Every byte is verified on the way. Others may work on the store meanwhile, and wait only for the last step.
 * Throws 'exists' when the folder holds something else, 'corrupt' for a damaged blob, 'io'.
 */
export async function backupStore(store: Store, folder: string): Promise<BackedUp> {
  const target = await openTarget(folder)
  const first = await copyBlobs(store.blobs, target.blobs, await neededBlobs(await store.catalog()))
  const rest = await store.exclusively((catalog) => finish(store, catalog, target))
  return { copied: first.copied + rest.copied, bytes: first.bytes + rest.bytes }
}

/**
 * Moves the home, with the store, caches and logs, to another folder, perhaps on another disk, and leaves a symbolic link to it
 * where it was. Processes that have the store open must open it again before they can change it. Until the last step
 * the store is where it was. Throws 'exists' for a folder that is not empty, and as backupStore.
 */
export async function moveStore(store: Store, folder: string): Promise<void> {
  const [from, to] = [resolve(store.path), resolve(folder)]
  if (`${to}/`.startsWith(`${from}/`)) throw new IngotError('usage', `${to} is inside ${from}`)
  if (existsSync(to) && (await readdir(to)).length > 0) throw occupied(to)
  const target = await openTarget(to)
  await store.exclusively(async (catalog) => {
    await finish(store, catalog, target)
    for (const name of await readdir(from)) {
      if (!ownNames.test(name))
        await cp(join(from, name), join(to, name), { recursive: true, preserveTimestamps: true })
    }
    const old = join(dirname(from), `.${basename(from)}.moved-${process.pid}`)
    await rename(from, old).catch((error) => {
      throw ioError(`move ${from}`, error)
    })
    await symlink(to, from)
    await rm(old, { recursive: true, force: true })
  })
}

/** What is not copied as it is: blobs and the catalog come over verified, work folders not at all. */
const ownNames = /^(blobs|tmp|\.room-to-.*|catalog\.db(-wal|-shm)?)$/

interface Target {
  readonly blobs: BlobDriver
  /** Path of its catalog. */
  readonly catalog: string
}

async function openTarget(folder: string): Promise<Target> {
  const paths = storeFolders(folder)
  if (existsSync(folder) && !existsSync(paths.blobs) && (await readdir(folder)).length > 0) throw occupied(folder)
  try {
    for (const path of [paths.blobs, paths.temporary]) await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw ioError(`make the folder ${folder}`, error)
  }
  return { blobs: fileBlobs(paths.blobs, paths.temporary), catalog: paths.catalog }
}

/** What is left to be done while nobody changes the store. */
async function finish(store: Store, catalog: Catalog, target: Target): Promise<BackedUp> {
  const needed = await neededBlobs(catalog)
  const copied = await copyBlobs(store.blobs, target.blobs, needed)
  const unfinished = `${target.catalog}.tmp`
  await rm(unfinished, { force: true })
  explaining(store.path, () => store.database.prepare('VACUUM INTO ?').run(unfinished))
  for (const tail of ['-wal', '-shm']) await rm(`${target.catalog}${tail}`, { force: true })
  await rename(unfinished, target.catalog)
  const keep = new Set<string>(needed.map((blob) => blob.digest))
  const others: Digest[] = []
  for await (const { digest } of target.blobs.list()) if (digest && !keep.has(digest)) others.push(digest)
  await target.blobs.remove(others)
  return copied
}

interface NeededBlob {
  readonly digest: Digest
  readonly size: number
}

async function neededBlobs(catalog: Catalog): Promise<readonly NeededBlob[]> {
  const rows = await catalog.selectFrom('rendition_files').select(['digest', 'size']).distinct().execute()
  return rows.map(({ digest, size }) => ({ digest: parseDigest(digest, 'the catalog'), size }))
}

async function copyBlobs(from: BlobDriver, to: BlobDriver, blobs: readonly NeededBlob[]): Promise<BackedUp> {
  let copied = 0
  let bytes = 0
  const staging = await to.stage()
  try {
    for (const { digest, size } of blobs) {
      if (await to.has(digest, size)) continue
      const stream = verified((await from.open(digest)).open(), { digest, size }, `the blob ${digest}`)
      await to.place([await staging.write(stream)])
      copied++
      bytes += size
    }
  } finally {
    await staging.remove()
  }
  return { copied, bytes }
}

function occupied(folder: string): IngotError {
  return new IngotError('exists', `${folder} is no backup of a store, and not empty`, {
    hint: 'Choose another folder.',
  })
}
