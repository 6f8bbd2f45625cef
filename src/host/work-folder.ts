import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError } from '../image/error.ts'
import { tryFolderLock } from './folder-lock.ts'
import { withFolderLock } from './lock.ts'
import { removeTree } from './remove-tree.ts'
import { temporaryFolder } from './temporary.ts'

/** Where one process works; gone when the work is, on every way out. */
export interface WorkFolder {
  readonly path: string
  /** Removes it all. Does nothing the second time. */
  remove(): Promise<void>
}

/**
 * A new empty work folder inside `parent`, mode 0700, with a name that begins with `prefix`. What killed processes have left
 * of the same prefix is removed first: the folder of a living one is known by its lock, which the kernel takes back when the
 * process is gone.
 */
export async function openWorkFolder(parent: string, prefix: string): Promise<WorkFolder> {
  return await withFolderLock(parent, async () => {
    await removeDeadWorkFolders(parent, prefix)
    const folder = await temporaryFolder({ in: parent, prefix })
    const lock = await tryFolderLock(folder.path)
    if (lock === undefined) throw new IngotError('io', `cannot lock the new folder ${folder.path}`)
    return {
      path: folder.path,
      async remove() {
        await folder.remove()
        await lock.close()
      },
    }
  })
}

/** Removes work folders whose processes are gone; the caller holds the parent's lock. Returns how many there were. */
export async function removeDeadWorkFolders(parent: string, prefix: string): Promise<number> {
  let removed = 0
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix) && (await removeIfDead(join(parent, name)))) removed++
  }
  return removed
}

/** Whether a living process works in one of a parent's work folders, of whatever prefix. */
export async function isWorkedIn(parent: string): Promise<boolean> {
  for (const name of await readdir(parent)) {
    const lock = await tryFolderLock(join(parent, name))
    if (lock === undefined) return true
    await lock.close()
  }
  return false
}

async function removeIfDead(path: string): Promise<boolean> {
  const lock = await tryFolderLock(path)
  if (lock === undefined) return false
  try {
    await removeTree(path)
  } finally {
    await lock.close()
  }
  return true
}
