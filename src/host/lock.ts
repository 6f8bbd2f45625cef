import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ioError } from '../image/error.ts'
import { lastError, libc } from './libc.ts'

const shared = 1 // LOCK_SH
const exclusive = 2 // LOCK_EX
const nonBlocking = 4 // LOCK_NB

/**
 * Does `work` while holding the exclusive advisory lock (flock(2)) of a folder; waits for it as long as it takes. The
 * kernel lets go of it when the process ends, however it ends. Not re-entrant. Throws 'not-found' and 'io'.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const handle = await lock(folder, exclusive)
  try {
    return await work()
  } finally {
    await handle.close()
  }
}

/** Keeps others from the exclusive lock of a folder, as any number may at a time, until `release` is called. As withFolderLock. */
export async function shareFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const handle = await lock(folder, shared)
  return { release: async () => await handle.close() }
}

async function lock(folder: string, kind: number): Promise<FileHandle> {
  const handle = await open(folder, 'r').catch((error) => {
    throw ioError(`open ${folder}`, error)
  })
  try {
    for (let wait = 1; libc().flock(handle.fd, kind | nonBlocking) < 0; wait = Math.min(wait * 2, 50)) {
      const error = lastError('flock')
      if (error.code !== 'EAGAIN' && error.code !== 'EINTR') throw ioError(`lock ${folder}`, error)
      await sleep(wait)
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}
