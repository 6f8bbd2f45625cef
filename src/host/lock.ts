import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ioError } from '../image/error.ts'
import { lastError, libc } from './libc.ts'

const exclusive = 2 // LOCK_EX
const nonBlocking = 4 // LOCK_NB

/**
 * Does `work` while holding the exclusive advisory lock (flock(2)) of a folder; waits for it as long as it takes. The
 * kernel lets go of it when the process ends, however it ends. Not re-entrant. Throws 'not-found' and 'io'.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const handle = await open(folder, 'r').catch((error) => {
    throw ioError(`open ${folder}`, error)
  })
  try {
    for (let wait = 1; libc().flock(handle.fd, exclusive | nonBlocking) < 0; wait = Math.min(wait * 2, 50)) {
      const error = lastError('flock')
      if (error.code !== 'EAGAIN' && error.code !== 'EINTR') throw ioError(`lock ${folder}`, error)
      await sleep(wait)
    }
    return await work()
  } finally {
    await handle.close()
  }
}
