import { IngotError } from './error.ts'

/** A stream of bytes in chunks of any size but zero. Node's Readable is one. Leaving the loop early closes it. */
export type ByteStream = AsyncIterable<Buffer>

/** Random access to immutable bytes: a file on disk, or a member of an uncompressed archive. */
export interface ByteFile {
  /** For messages: the path, or `archive.tar: member`. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /**
   * The bytes from `start` (default 0) up to, not including, `end` (default size).
   * May be called any number of times. Throws 'io' errors, and 'corrupt' when the file turns out shorter than `size`.
   */
  open(start?: number, end?: number): ByteStream
}

/** Reads a whole file into memory. Throws 'limit' when it is larger than `maxBytes`. */
export async function readWhole(file: ByteFile, maxBytes: number): Promise<Buffer> {
  if (file.size > maxBytes) {
    throw new IngotError('limit', `${file.name}: ${file.size} bytes where at most ${maxBytes} are allowed`)
  }
  return await collect(file.open())
}

/** The first `length` bytes, or all there are. */
export async function readHead(file: ByteFile, length: number): Promise<Buffer> {
  return await collect(file.open(0, Math.min(length, file.size)))
}

/** All chunks as one buffer. For streams known to be small. */
export async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** The first `length` bytes of a stream, or all there are; then leaves it. */
export async function readStart(stream: ByteStream, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= length) break
  }
  return Buffer.concat(chunks).subarray(0, length)
}

/** Bytes in memory as a file. */
export function memoryFile(bytes: Buffer, name: string): ByteFile {
  return {
    name,
    size: bytes.length,
    async *open(start = 0, end = bytes.length) {
      if (start < end) yield bytes.subarray(start, end)
    },
  }
}

/** The same file, telling how much is read of it. */
export function countedFile(file: ByteFile, onRead: (bytes: number) => void): ByteFile {
  return {
    name: file.name,
    size: file.size,
    async *open(start?: number, end?: number): ByteStream {
      for await (const chunk of file.open(start, end)) {
        onRead(chunk.length)
        yield chunk
      }
    },
  }
}
