import { type FileHandle, open } from 'node:fs/promises'
import { digestAlgorithm, digestHex } from '../image/digest.ts'
import { makeHeader } from '../image/entry.ts'
import { ioError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import { encodeHeader, endOfArchive, padding } from '../tar/write.ts'
import { type BlobStore, checkedBlob, measured } from './blob-store.ts'

/** A tar of blobs that is written to a file in one pass, however large they are. */
export interface BlobArchive extends BlobStore {
  /** A directory member, mode 0755. */
  folder(path: string): Promise<void>
  /** A file member, mode 0644. */
  file(path: string, bytes: Buffer): Promise<void>
  /** Writes the end of the archive. */
  finish(): Promise<void>
  /** Closes the file; to be called in any case. */
  close(): Promise<void>
}

const blockBytes = 512

/**
 * Creates the file `path`. Members are owned by 0:0 and have time 0. A blob's header is written after its content, when
 * its name and size are known, into a block left free for it; a blob that turns out to be there already is taken back.
 * Throws 'io'.
 */
export async function createBlobArchive(path: string): Promise<BlobArchive> {
  const handle = await open(path, 'w', 0o644).catch((error) => {
    throw ioError(`write ${path}`, error)
  })
  const stored = new Set<string>()
  let end = 0

  async function append(bytes: Buffer): Promise<void> {
    await writeAt(handle, path, bytes, end)
    end += bytes.length
  }

  async function appendAll(stream: ByteStream): Promise<number> {
    const start = end
    for await (const chunk of stream) await append(chunk)
    const size = end - start
    await append(padding(size))
    return size
  }

  return {
    async folder(name) {
      await append(encodeHeader(makeHeader({ path: name, type: 'directory' })))
    },
    async file(name, bytes) {
      await append(encodeHeader(makeHeader({ path: name, type: 'file', size: bytes.length })))
      await append(bytes)
      await append(padding(bytes.length))
    },
    async putKnown(promise, openBlob) {
      const { digest, size } = promise
      if (stored.has(digest)) return
      const name = `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
      await append(encodeHeader(makeHeader({ path: name, type: 'file', size })))
      await appendAll(checkedBlob(promise, openBlob))
      stored.add(digest)
    },
    async putStream(stream) {
      const start = end
      end += blockBytes
      const content = measured(stream)
      const size = await appendAll(content.stream)
      const { digest } = content.result()
      if (stored.has(digest)) end = start
      else await writeAt(handle, path, blobHeader(`blobs/sha256/${digestHex(digest)}`, size), start)
      stored.add(digest)
      return { digest, size }
    },
    async finish() {
      await append(endOfArchive)
      await handle.truncate(end).catch((error) => {
        throw ioError(`write ${path}`, error)
      })
    },
    async close() {
      await handle.close()
    },
  }
}

async function writeAt(handle: FileHandle, path: string, bytes: Buffer, position: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
    }
  } catch (error) {
    throw ioError(`write ${path}`, error)
  }
}

const maxOctalSize = 8 ** 11 - 1

/**
 * A file's header in exactly one block: from 8 GiB on the size stands in base 256 (GNU), which GNU tar, libarchive, Go,
 * Python and Rust read, because a PAX record would need further blocks.
 */
export function blobHeader(path: string, size: number): Buffer {
  const block = encodeHeader(makeHeader({ path, type: 'file', size: Math.min(size, maxOctalSize) }))
  if (block.length !== blockBytes) throw new Error(`blobHeader(): ${path} needs more than one block`)
  if (size <= maxOctalSize) return block
  const header = Buffer.from(block)
  header.fill(0, 124, 136)
  header[124] = 0x80
  header.writeBigUInt64BE(BigInt(size), 128)
  header.fill(0x20, 148, 156)
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
