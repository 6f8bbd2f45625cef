import { statfs } from 'node:fs/promises'
import { ioError } from '../image/error.ts'

/** Bytes that this user may still write to the file system that holds `path`. Throws 'not-found' and 'io'. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch (error) {
    throw ioError(`ask for the free space of ${path}`, error)
  }
}
