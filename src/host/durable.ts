import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { ioError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'

/** What was in a stream. */
export interface StreamSum {
  /** Bytes. */
  readonly size: number
  /** Hexadecimal digits. */
  readonly sha256: string
}

/** How much may wait to be on the disk, in bytes: what is left to do at the end of a file is short, and the page cache is not full of it. */
const flushEvery = 32 << 20

/**
 * Makes a new file, which is on the disk when this is done; `fill` says what is in it with `put`, one call at a time. What was put is
 * flushed beside that, from time to time. `name` is told in errors. Throws 'io' and what `fill` throws; what there is of the file stays.
 */
export async function writeDurably<T>(
  path: string,
  mode: number,
  name: string,
  fill: (put: (chunk: Buffer) => Promise<void>) => Promise<T>,
): Promise<T> {
  const failed = (error: unknown) => ioError(`write ${name}`, error)
  const handle = await open(path, 'wx', mode).catch((error) => {
    throw failed(error)
  })
  let waiting = 0
  let flush: Promise<void> | undefined
  let flushError: unknown
  async function put(chunk: Buffer): Promise<void> {
    if (flushError) throw failed(flushError)
    try {
      for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done)).bytesWritten
    } catch (error) {
      throw failed(error)
    }
    waiting += chunk.length
    if (waiting < flushEvery || flush) return
    waiting = 0
    flush = handle
      .datasync()
      .catch((error) => {
        flushError = error
      })
      .finally(() => {
        flush = undefined
      })
  }
  try {
    const result = await fill(put)
    await flush
    // An error of the disk is told once: to whoever syncs first.
    if (flushError) throw failed(flushError)
    await handle.sync().catch((error) => {
      throw failed(error)
    })
    return result
  } finally {
    await flush
    await handle.close()
  }
}

/** Reads a stream to its end; `take` gets each chunk. */
export async function sumOf(stream: ByteStream, take?: (chunk: Buffer) => Promise<void>): Promise<StreamSum> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    size += chunk.length
    await take?.(chunk)
  }
  return { size, sha256: hash.digest('hex') }
}

/** Until this is done, new, renamed and removed names in a folder may be lost in a power cut. Throws 'io'. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw ioError(`sync ${path}`, error)
  }
}
