import { existsSync } from 'node:fs'
import { link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../host/durable.ts'
import { type Digest, digestHex, parseDigest, verified } from '../image/digest.ts'
import { IngotError, ioError } from '../image/error.ts'
import { fileBlobs } from './blobs/files.ts'
import type { BlobDriver, StagedBlob, Staging } from './blobs/types.ts'
import type { Catalog } from './catalog/open.ts'
import { copySqlite } from './catalog/sqlite.ts'
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
  const rest = await store.exclusively((catalog) => copyStore(store, catalog, target))
  return { copied: first.copied + rest.copied, bytes: first.bytes + rest.bytes }
}

/** A folder that is becoming a copy of a store. */
export interface Target {
  readonly blobs: BlobDriver
  /** Path of its catalog. */
  readonly catalog: string
}

/** Throws 'exists' when the folder holds something else than a store. */
export async function openTarget(folder: string): Promise<Target> {
  const paths = storeFolders(folder)
  if (existsSync(folder) && !existsSync(paths.blobs) && (await readdir(folder)).length > 0) throw occupied(folder)
  try {
    for (const path of [paths.blobs, paths.temporary]) await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw ioError(`make the folder ${folder}`, error)
  }
  return { blobs: fileBlobs(paths.blobs, paths.temporary), catalog: paths.catalog }
}

/** Brings a copy up to date, while nobody changes the store; it is on the disk then. With `asLinks` its blobs are the same files. */
export async function copyStore(
  store: Store,
  catalog: Catalog,
  target: Target,
  options: { readonly asLinks?: boolean } = {},
): Promise<BackedUp> {
  const needed = await neededBlobs(catalog)
  const copied = await copyBlobs(store.blobs, target.blobs, needed, options.asLinks)
  const unfinished = `${target.catalog}.tmp`
  await rm(unfinished, { force: true })
  copySqlite(store.database, unfinished)
  for (const tail of ['-wal', '-shm']) await rm(`${target.catalog}${tail}`, { force: true })
  await rename(unfinished, target.catalog)
  await syncFolder(dirname(target.catalog))
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

async function copyBlobs(
  from: BlobDriver,
  to: BlobDriver,
  blobs: readonly NeededBlob[],
  asLinks = false,
): Promise<BackedUp> {
  let copied = 0
  let bytes = 0
  const staging = await to.stage()
  try {
    for (const { digest, size } of blobs) {
      if (await to.has(digest, size)) continue
      await to.place([await (asLinks ? linked : copiedBlob)(from, { digest, size }, staging)])
      copied++
      bytes += size
    }
  } finally {
    await staging.remove()
  }
  return { copied, bytes }
}

async function copiedBlob(from: BlobDriver, { digest, size }: NeededBlob, staging: Staging): Promise<StagedBlob> {
  return await staging.write(verified((await from.open(digest)).open(), { digest, size }, `the blob ${digest}`))
}

/** The same file once more, whose bytes have been on the disk before. */
async function linked(from: BlobDriver, { digest, size }: NeededBlob, staging: Staging): Promise<StagedBlob> {
  const path = join(staging.path, digestHex(digest))
  await link(from.path(digest), path).catch((error) => {
    throw ioError(`link the blob ${digest}`, error)
  })
  return { digest, size, path }
}

function occupied(folder: string): IngotError {
  return new IngotError('exists', `${folder} is no backup of a store, and not empty`, {
    hint: 'Choose another folder.',
  })
}
