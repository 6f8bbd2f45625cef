import { type FileHandle, open } from 'node:fs/promises'
import { errnoOf, ioError } from '../image/error.ts'
import { lastError, libc } from './libc.ts'

const exclusiveNow = 2 | 4 // LOCK_EX | LOCK_NB

/**
 * Takes the advisory lock (flock(2)) of a folder if nobody has it, without waiting. The lock is held until the handle
 * is closed or this process ends, however it ends; programs that it starts do not inherit it.
 * Returns undefined when somebody else holds the lock, or when the folder is not there.
 */
export async function tryFolderLock(folder: string): Promise<FileHandle | undefined> {
  let handle: FileHandle
  try {
    handle = await open(folder, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`open ${folder}`, error)
  }
  if (libc().flock(handle.fd, exclusiveNow) === 0) return handle
  const error = lastError('flock')
  await handle.close()
  if (error.code === 'EAGAIN') return undefined
  throw ioError(`lock ${folder}`, error)
}
