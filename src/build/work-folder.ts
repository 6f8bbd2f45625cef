import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openWorkFolder, type WorkFolder } from '../host/work-folder.ts'
import { ioError } from '../image/error.ts'

/** Where one build works; gone when the build is, on every way out. */
export interface BuildFolder extends WorkFolder {
  /** The image's root: an empty directory, mode 0755. */
  readonly root: string
}

/** A new work folder inside `parent`; see openWorkFolder. */
export async function openBuildFolder(parent: string): Promise<BuildFolder> {
  const folder = await openWorkFolder(parent, 'build-')
  const root = join(folder.path, 'root')
  try {
    await mkdir(root)
    await chmod(root, 0o755) // whatever the umask
  } catch (error) {
    await folder.remove()
    throw ioError(`create ${root}`, error)
  }
  return { ...folder, root }
}
