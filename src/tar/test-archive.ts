import type { ByteString } from '../image/bytes.ts'
import type { Entry, EntryHeader } from '../image/entry.ts'
import { type ByteFile, type ByteStream, collect } from '../image/stream.ts'
import { readTar } from './read.ts'
import type { ReadTarOptions } from './types.ts'

/** Hand-made archives for tests: header blocks field by field, independent of the writer. */
interface BlockFields {
  readonly name?: ByteString
  readonly type?: string
  readonly size?: number
  readonly mode?: string
  readonly uid?: string
  readonly mtime?: string
  readonly link?: ByteString
  readonly prefix?: ByteString
  readonly format?: 'ustar' | 'gnu' | 'v7'
  /** Changes the block before its checksum is made. */
  readonly edit?: (block: Buffer) => void
  /** The checksum of signed bytes. */
  readonly signed?: boolean
}

const magics = { ustar: 'ustar\x0000', gnu: 'ustar  \0', v7: '' }

export function block(content: BlockFields): Buffer {
  const made = Buffer.alloc(512)
  made.write(content.name ?? 'file', 0, 100, 'latin1')
  made.write(content.mode ?? '0000644', 100, 8, 'latin1')
  made.write(content.uid ?? '0000000', 108, 8, 'latin1')
  made.write('0000000', 116, 'latin1')
  made.write((content.size ?? 0).toString(8).padStart(11, '0'), 124, 12, 'latin1')
  made.write(content.mtime ?? '00000000000', 136, 12, 'latin1')
  made.write(content.type ?? '0', 156, 'latin1')
  made.write(content.link ?? '', 157, 100, 'latin1')
  made.write(magics[content.format ?? 'ustar'], 257, 'latin1')
  made.write(content.prefix ?? '', 345, 155, 'latin1')
  content.edit?.(made)
  made.write('        ', 148, 'latin1')
  const sum = made.reduce((total, byte) => total + (content.signed && byte > 127 ? byte - 256 : byte), 0)
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return made
}

/** Data filled up to whole blocks. */
export function data(content: ByteString): Buffer {
  return Buffer.concat([Buffer.from(content, 'latin1'), Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** A header with data behind it that says something about the next entry: PAX records or a GNU long name. */
export function meta(type: string, content: ByteString): Buffer {
  return Buffer.concat([block({ name: 'meta', type, size: content.length }), data(content)])
}

/** One PAX record, its length found by trying. */
export function record(keyword: ByteString, value: ByteString): ByteString {
  for (let length = 1; ; length++) {
    const text = `${length} ${keyword}=${value}\n`
    if (text.length === length) return text
  }
}

export function pax(records: Readonly<Record<ByteString, ByteString>>, type = 'x'): Buffer {
  const all = Object.entries(records).map(([keyword, value]) => record(keyword, value))
  return meta(type, all.join(''))
}

export const end = Buffer.alloc(1024)

/** A file of one block header and its data. */
export function file(content: ByteString, more: BlockFields = {}): Buffer {
  return Buffer.concat([block({ size: content.length, ...more }), data(content)])
}

/** A stream in chunks of `size` bytes. */
export async function* chunked(bytes: Buffer, size = bytes.length || 1): ByteStream {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** A header with its content, in a form that `toEqual` can compare. */
export interface ReadEntry extends EntryHeader {
  readonly content: ByteString
}

export async function readEntries(
  archive: Buffer | readonly Buffer[],
  options: Partial<ReadTarOptions> = {},
  chunkSize?: number,
): Promise<ReadEntry[]> {
  const bytes = Buffer.isBuffer(archive) ? archive : Buffer.concat(archive)
  return await listEntries(readTar(chunked(bytes, chunkSize), { name: 'test.tar', ...options }))
}

export async function listEntries(entries: AsyncIterable<Entry>): Promise<ReadEntry[]> {
  const list: ReadEntry[] = []
  for await (const { body, ...header } of entries) {
    list.push({ ...header, content: (await collect(body)).toString('latin1') })
  }
  return list
}

/** The only entry of an archive. */
export async function readOne(...archive: Buffer[]): Promise<ReadEntry> {
  const entries = await readEntries([...archive, end])
  if (entries.length !== 1) throw new Error(`${entries.length} entries`)
  return entries[0]!
}

/** A file in memory that counts what is read of it. */
export function memoryFile(bytes: Buffer, name = 'test.tar'): ByteFile & { bytesRead: number } {
  const memory = {
    name,
    size: bytes.length,
    bytesRead: 0,
    async *open(start = 0, end = bytes.length): ByteStream {
      for (let at = start; at < end; at += 65536) {
        const chunk = bytes.subarray(at, Math.min(end, at + 65536))
        memory.bytesRead += chunk.length
        yield chunk
      }
    },
  }
  return memory
}
