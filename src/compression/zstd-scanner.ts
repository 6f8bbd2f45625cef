import { IngotError } from '../image/error.ts'
import { parseZstdHeader, zstdHeaderLength } from './zstd-header.ts'

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a50
/** Most bytes that a block may have or unpack to (RFC 8878 §3.1.1.2.4). */
const blockMax = 128 * 1024

/**
 * Finds where one unit of a zstd file ends without decoding it, by the headers of the frame and of its blocks (RFC 8878
 * §3.1). Give it the unit's bytes in pieces of any size. Throws 'bad-input', 'unsupported' and 'limit'.
 */
export class ZstdScanner {
  /** Where the unit begins in the compressed stream. */
  readonly offset: number
  /** Known after the first bytes. 'padding' is the NULs that some tools leave behind the last frame. */
  kind: 'frame' | 'skippable' | 'padding' | undefined
  /** Bytes that come out, where the frame header says so. */
  contentSize: number | undefined
  /** Most bytes that can come out of the blocks seen so far. */
  bound = 0
  /** The unit's last byte has been seen. */
  done = false

  readonly #subject: string
  #pending: Buffer = Buffer.alloc(0)
  #wanted = 4
  #next: (bytes: Buffer) => void = this.#magic
  #skip = 0
  #isLast = false
  #checksum = 0

  /** `name` is the file's, for messages. */
  constructor(offset: number, name: string) {
    this.offset = offset
    this.#subject = `${name}: the zstd frame at byte ${offset}`
  }

  /** Goes through `chunk` from `position` on; returns where the unit ends in it, or its length while more is wanted. */
  scan(chunk: Buffer, position: number): number {
    let at = position
    const isFirstByte = this.kind === undefined && this.#pending.length === 0
    if (isFirstByte && this.offset > 0 && chunk[at] === 0) this.kind = 'padding'
    if (this.kind === 'padding') return this.#passPadding(chunk, at)
    while (!this.done) {
      const skipped = Math.min(this.#skip, chunk.length - at)
      at += skipped
      this.#skip -= skipped
      if (this.#skip > 0) break
      this.done = this.#isLast
      if (this.done) break
      const piece = chunk.subarray(at, at + this.#wanted - this.#pending.length)
      at += piece.length
      const bytes: Buffer = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece])
      this.#pending = bytes
      if (bytes.length < this.#wanted) break
      this.#pending = Buffer.alloc(0)
      this.#next(bytes)
    }
    return at
  }

  #passPadding(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++)
      if (chunk[at] !== 0) this.#fail('is followed by something else than zstd data')
    return chunk.length
  }

  #want(length: number, next: (bytes: Buffer) => void): void {
    this.#wanted = length
    this.#next = next
  }

  #magic(bytes: Buffer): void {
    const magic = bytes.readUInt32LE(0)
    if (magic === frameMagic) {
      this.kind = 'frame'
      this.#want(1, this.#descriptor)
    } else if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      this.kind = 'skippable'
      this.#want(4, this.#skippable)
    } else this.#fail('does not begin like one')
  }

  #skippable(bytes: Buffer): void {
    this.#skip = bytes.readUInt32LE(0)
    this.#isLast = true
  }

  #descriptor(bytes: Buffer): void {
    const descriptor = bytes[0]!
    this.#want(zstdHeaderLength(descriptor), (rest) => {
      const header = parseZstdHeader(descriptor, rest, this.#subject)
      this.contentSize = header.contentSize
      this.#checksum = header.hasChecksum ? 4 : 0
      this.#want(3, this.#block)
    })
  }

  #block(bytes: Buffer): void {
    const header = bytes.readUIntLE(0, 3)
    const type = (header >> 1) & 3
    const size = header >> 3
    if (type === 3 || size > blockMax) this.#fail('has a block with a broken header')
    const isRepeated = type === 1
    this.bound += type === 2 ? blockMax : size
    this.#skip = isRepeated ? 1 : size
    this.#isLast = (header & 1) === 1
    if (this.#isLast) this.#skip += this.#checksum
  }

  #fail(why: string): never {
    throw new IngotError('bad-input', `${this.#subject} ${why}`)
  }
}
