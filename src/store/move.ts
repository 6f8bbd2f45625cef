import { existsSync } from 'node:fs'
import { link, lstat, readdir, realpath, rename, rmdir, symlink, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { syncFolder } from '../host/durable.ts'
import { tryFolderLock } from '../host/folder-lock.ts'
import { exchangePaths } from '../host/native.ts'
import { refuseMounts, removeTree } from '../host/remove-tree.ts'
import { run } from '../host/run.ts'
import { isWorkedIn } from '../host/work-folder.ts'
import { errnoOf, IngotError, ioError } from '../image/error.ts'
import { copyStore, openTarget } from './backup.ts'
import type { Catalog } from './catalog/open.ts'
import { type Store, storeFolders } from './store.ts'

/**
 * Moves the home, with the store, caches and logs, to another folder, perhaps on another disk, and leaves a symbolic link to it
 * where it was. Processes that have the store open must open it again before they can change it. Until the last step, which is
 * one where the file system can exchange names, the store is where it was; when anything fails before, the folder is as it was, too.
 * On the same disk nothing is copied. Throws 'exists' for a folder that is not empty, 'corrupt' for a damaged blob, 'io', also while an
 * image is mounted from it, or something is built in it.
 */
export async function moveStore(store: Store, folder: string): Promise<void> {
  const from = await realpath(store.path)
  const to = resolve(folder)
  if (`${to}/`.startsWith(`${from}/`)) throw new IngotError('usage', `${to} is inside ${from}`)
  refuseMounts(from)
  const isNew = !existsSync(to)
  if (!isNew && (await readdir(to)).length > 0) {
    throw new IngotError('exists', `${to} is not empty`, {
      hint: 'Choose another folder, or remove this one when it is what a move that was interrupted has left.',
    })
  }
  await store.exclusively(async (catalog) => {
    if (await isWorkedIn(storeFolders(from).temporary)) {
      throw new IngotError('io', 'something is being built or brought into the store', {
        hint: 'Try again afterwards.',
      })
    }
    const left = await leftBehind(from)
    if (left !== undefined) await removeTree(left)
    try {
      await fill(store, catalog, from, to)
    } catch (error) {
      for (const name of existsSync(to) ? await readdir(to) : []) await removeTree(join(to, name))
      if (isNew && existsSync(to)) await rmdir(to)
      throw error
    }
    await leaveLink(from, to)
  })
}

/** What is not taken over as it is: blobs and the catalog come by themselves, work folders not at all. */
const ownNames = /^(blobs|tmp|mounts|\.room-to-.*|catalog\.db(-wal|-shm)?)$/

async function fill(store: Store, catalog: Catalog, from: string, to: string): Promise<void> {
  const target = await openTarget(to)
  const asLinks = await canLink(from, to)
  await copyStore(store, catalog, target, { asLinks })
  const others = (await readdir(from)).filter((name) => !ownNames.test(name)).map((name) => join(from, name))
  // Layers of builds have owners, extended attributes and whiteouts, which Node does not copy.
  if (others.length > 0) await run('cp', ['-a', ...(asLinks ? ['-l'] : []), '--', ...others, to])
  await run('sync', ['-f', to])
}

/** Whether files can be in both places at once: on the same disk. */
async function canLink(from: string, to: string): Promise<boolean> {
  const probe = join(to, '.probe')
  try {
    await link(storeFolders(from).catalog, probe)
  } catch {
    return false
  }
  await unlink(probe)
  return true
}

/** What a killed move has left beside a home: the link that was to be, or what was there before. */
export async function leftBehind(home: string): Promise<string | undefined> {
  const path = oldName(resolve(home))
  const found = await lstat(path).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`look at ${path}`, error)
  })
  if (!found?.isDirectory()) return found && path
  const { blobs } = storeFolders(path)
  if (!existsSync(blobs)) return path
  // Whoever is moving has the lock.
  const lock = await tryFolderLock(blobs)
  await lock?.close()
  return lock && path
}

function oldName(home: string): string {
  return join(dirname(home), `.${basename(home)}.moved`)
}

async function leaveLink(from: string, to: string): Promise<void> {
  const parent = dirname(from)
  const old = oldName(from)
  try {
    await symlink(to, old)
    if (!exchangePaths(Buffer.from(from), Buffer.from(old))) {
      const inBetween = `${old}-link`
      await rename(old, inBetween)
      await rename(from, old)
      await rename(inBetween, from)
    }
    await syncFolder(parent)
  } catch (error) {
    throw ioError(`leave a link in the place of ${from}`, error)
  }
  await removeTree(old)
}
