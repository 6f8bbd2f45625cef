import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolderLock } from '../host/lock.ts'
import { removeTree } from '../host/remove-tree.ts'
import { temporaryFolder } from '../host/temporary.ts'
import { IngotError, ioError } from '../image/error.ts'
import { tryFolderLock } from './folder-lock.ts'

/** Where one build works; gone when the build is, on every way out. */
export interface WorkFolder {
  readonly path: string
  /** The image's root: an empty directory, mode 0755. */
  readonly root: string
  /** Removes it all. Does nothing the second time. */
  remove(): Promise<void>
}

const prefix = 'build-'

/**
 * A new work folder inside `parent`. What builds that were killed have left there is removed first: the folder of a
 * living build is known by its lock, which the kernel takes back when the process is gone.
 */
export async function openWorkFolder(parent: string): Promise<WorkFolder> {
  return await withFolderLock(parent, async () => {
    for (const name of await readdir(parent)) if (name.startsWith(prefix)) await removeStale(join(parent, name))
    const folder = await temporaryFolder({ in: parent, prefix })
    const lock = await tryFolderLock(folder.path)
    if (lock === undefined) throw new IngotError('io', `cannot lock the new folder ${folder.path}`)
    const root = join(folder.path, 'root')
    try {
      await mkdir(root)
      await chmod(root, 0o755) // whatever the umask
    } catch (error) {
      throw ioError(`create ${root}`, error)
    }
    return {
      path: folder.path,
      root,
      async remove() {
        await folder.remove()
        await lock.close()
      },
    }
  })
}

async function removeStale(path: string): Promise<void> {
  const lock = await tryFolderLock(path)
  if (lock === undefined) return
  try {
    await removeTree(path)
  } finally {
    await lock.close()
  }
}
