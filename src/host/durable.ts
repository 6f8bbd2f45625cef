import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { ioError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'

/** What was in a stream. */
export interface StreamSum {
  /** Bytes. */
  readonly size: number
  /** Hexadecimal digits. */
  readonly sha256: string
}

/** Writes all of a stream at the file's place; not yet synced. `name` is told in errors. Throws 'io' and what the stream throws. */
export async function writeStream(handle: FileHandle, stream: ByteStream, name: string): Promise<StreamSum> {
  return await sumOf(stream, async (chunk) => {
    try {
      for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done)).bytesWritten
    } catch (error) {
      throw ioError(`write ${name}`, error)
    }
  })
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
