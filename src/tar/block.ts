import type { ByteString } from '../image/bytes.ts'
import { readNumber, readTime } from './numbers.ts'

/** Everything in a tar archive starts on a multiple of this. */
export const blockSize = 512

/** Bytes from the end of `size` bytes of data to the next block. */
export function paddingLength(size: number): number {
  const over = size % blockSize
  return over === 0 ? 0 : blockSize - over
}

/** Where the fields of a header block are: POSIX.1-2001 pax, "ustar Interchange Format". */
export const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: 156,
  linkName: [157, 100],
  magic: 257,
  devMajor: [329, 8],
  devMinor: [337, 8],
  prefix: [345, 155],
} as const

/** A header block's fields as they stand; NaN for numbers that are none. */
export interface RawHeader {
  readonly format: 'v7' | 'ustar' | 'gnu'
  readonly name: ByteString
  readonly linkName: ByteString
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: bigint | undefined
}

/** The sum of a header block's bytes with the checksum field taken as spaces. */
export function checksumOf(block: Uint8Array, at: number): number {
  let sum = 8 * 0x20
  const end = at + blockSize
  const [field, length] = fields.checksum
  for (let i = at; i < at + field; i++) sum += block[i]!
  for (let i = at + field + length; i < end; i++) sum += block[i]!
  return sum
}

/** Whether the block's checksum is right, by unsigned bytes or (some old writers) signed ones. */
export function hasValidChecksum(block: Uint8Array, at: number): boolean {
  const promised = readNumber(block, at + fields.checksum[0], fields.checksum[1])
  const sum = checksumOf(block, at)
  if (promised === sum) return true
  let high = 0
  for (let i = at; i < at + blockSize; i++) if (block[i]! > 127) high++
  const [field, length] = fields.checksum
  for (let i = at + field; i < at + field + length; i++) if (block[i]! > 127) high--
  return promised === sum - 256 * high
}

export function isZeroBlock(block: Uint8Array, at: number): boolean {
  return isZero(block, at, at + blockSize)
}

export function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false
  return true
}

/** Reads the fields that every entry has. The checksum has been looked at before. */
export function parseBlock(block: Buffer, at: number): RawHeader {
  const format = formatOf(block, at)
  const name = readText(block, at, 100)
  const prefix = format === 'ustar' ? readText(block, at + fields.prefix[0], prefixLength(block, at)) : ''
  return {
    format,
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: readText(block, at + fields.linkName[0], fields.linkName[1]),
    mode: readNumber(block, at + fields.mode[0], fields.mode[1]),
    uid: readNumber(block, at + fields.uid[0], fields.uid[1]),
    gid: readNumber(block, at + fields.gid[0], fields.gid[1]),
    size: readSize(block, at),
    mtime: readTime(block, at + fields.mtime[0], fields.mtime[1]),
  }
}

/** The size field alone. */
export function readSize(block: Uint8Array, at: number): number {
  return readNumber(block, at + fields.size[0], fields.size[1])
}

/** The bytes of a field up to its first NUL. */
export function readText(block: Buffer, at: number, length: number): ByteString {
  let end = at
  const limit = at + length
  while (end < limit && block[end] !== 0) end++
  return end === at ? '' : block.toString('latin1', at, end)
}

/** `ustar\0` is POSIX; `ustar ` is GNU, which keeps other things where POSIX has the prefix; all else is version 7. */
function formatOf(block: Uint8Array, at: number): RawHeader['format'] {
  const magic = at + fields.magic
  const isUstar =
    block[magic] === 0x75 &&
    block[magic + 1] === 0x73 &&
    block[magic + 2] === 0x74 &&
    block[magic + 3] === 0x61 &&
    block[magic + 4] === 0x72
  if (!isUstar) return 'v7'
  return block[magic + 5] === 0 ? 'ustar' : block[magic + 5] === 0x20 ? 'gnu' : 'v7'
}

/** star ends its header with `tar\0` and keeps access and change times in the last 24 bytes of the prefix. */
function prefixLength(block: Buffer, at: number): number {
  return block[at + 508] === 0x74 && block.toString('latin1', at + 508, at + 512) === 'tar\0' ? 131 : fields.prefix[1]
}
