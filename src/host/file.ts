import { type FileHandle, open } from 'node:fs/promises'
import { IngotError, ioError } from '../image/error.ts'
import type { ByteFile, ByteStream } from '../image/stream.ts'

const chunkBytes = 1024 * 1024

/**
 * A regular file or block device as a ByteFile; its size is taken now. Each `open` of it opens the path anew, reads
 * in chunks of at most 1 MiB with one chunk read ahead, and closes it when the stream ends or is left.
 * Throws 'not-found' and 'io'.
 */
export async function openFile(path: string): Promise<ByteFile> {
  const handle = await openHandle(path)
  try {
    const size = await sizeOf(handle, path)
    return { name: path, size, open: (start = 0, end = size) => readRange(path, start, end) }
  } finally {
    await handle.close()
  }
}

async function openHandle(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw ioError(`open ${path}`, error)
  }
}

async function sizeOf(handle: FileHandle, path: string): Promise<number> {
  const stat = await handle.stat()
  if (stat.isFile()) return stat.size
  if (stat.isBlockDevice()) return await deviceSize(handle, path)
  const what = stat.isDirectory() ? 'a directory' : stat.isFIFO() ? 'a pipe' : 'not a regular file'
  throw new IngotError('io', `cannot read ${path}: it is ${what}`)
}

/** stat says 0 for a block device, so its end is searched for by reading single bytes: doubling, then halving. */
async function deviceSize(handle: FileHandle, path: string): Promise<number> {
  const byte = Buffer.alloc(1)
  const exists = async (offset: number) => (await handle.read(byte, 0, 1, offset)).bytesRead === 1
  try {
    let low = 0 // every offset below is there
    let high = 512
    while (await exists(high - 1)) {
      low = high
      high *= 2
    }
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (await exists(middle)) low = middle + 1
      else high = middle
    }
    return low
  } catch (error) {
    throw ioError(`find the size of ${path}`, error)
  }
}

async function* readRange(path: string, start: number, end: number): ByteStream {
  if (start >= end) return
  const handle = await openHandle(path)
  let ahead: Promise<Buffer> | undefined
  try {
    let offset = start
    ahead = readChunk(handle, path, offset, end)
    while (ahead) {
      const chunk: Buffer = await ahead
      offset += chunk.length
      ahead = offset < end ? readChunk(handle, path, offset, end) : undefined
      // A failure is reported when its chunk is asked for, not before.
      ahead?.catch(() => {})
      yield chunk
    }
  } finally {
    await ahead?.catch(() => {})
    await handle.close()
  }
}

async function readChunk(handle: FileHandle, path: string, offset: number, end: number): Promise<Buffer> {
  const length = Math.min(chunkBytes, end - offset)
  const buffer = Buffer.allocUnsafeSlow(length)
  let bytesRead: number
  try {
    bytesRead = (await handle.read(buffer, 0, length, offset)).bytesRead
  } catch (error) {
    throw ioError(`read ${path} at offset ${offset}`, error)
  }
  if (bytesRead === 0) {
    throw new IngotError('corrupt', `${path}: ends at byte ${offset} where ${end} were expected`, {
      hint: 'The file became shorter while it was being read.',
    })
  }
  return bytesRead === length ? buffer : buffer.subarray(0, bytesRead)
}
