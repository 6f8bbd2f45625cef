import type { ByteString } from '../image/bytes.ts'
import { blockSize, checksumOf, fields } from './block.ts'
import { writeOctal } from './numbers.ts'

/** The most that ustar's octal fields hold. */
export const mostId = 0o7777777
export const mostDevice = 0o7777777
export const mostNumber = 0o77777777777

const nonAscii = /[^\x00-\x7f]/

/** A header block's content. What does not fit is expected to stand in an extended header, and is written as 0 here. */
export interface UstarFields {
  readonly name: ByteString
  readonly linkTarget: ByteString
  readonly code: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** Seconds; undefined when the field cannot say it. */
  readonly mtime: number | undefined
  readonly devMajor: number
  readonly devMinor: number
}

const template = makeTemplate()

function makeTemplate(): Buffer {
  const block = Buffer.alloc(blockSize)
  block.write('ustar\x0000', fields.magic, 'latin1')
  writeOctal(block, fields.devMajor[0], fields.devMajor[1], 0)
  writeOctal(block, fields.devMinor[0], fields.devMinor[1], 0)
  return block
}

/** Encodes a ustar header block (POSIX.1-2001 pax, "ustar Interchange Format"). */
export function encodeUstar(content: UstarFields): Buffer {
  const block = Buffer.from(template)
  writeName(block, content.name)
  block.write(content.linkTarget, fields.linkName[0], fields.linkName[1], 'latin1')
  writeOctal(block, fields.mode[0], fields.mode[1], content.mode)
  writeOctal(block, fields.uid[0], fields.uid[1], content.uid > mostId ? 0 : content.uid)
  writeOctal(block, fields.gid[0], fields.gid[1], content.gid > mostId ? 0 : content.gid)
  writeOctal(block, fields.size[0], fields.size[1], content.size > mostNumber ? 0 : content.size)
  writeOctal(block, fields.mtime[0], fields.mtime[1], content.mtime ?? 0)
  block[fields.type] = content.code
  if (content.devMajor !== 0) writeOctal(block, fields.devMajor[0], fields.devMajor[1], content.devMajor)
  if (content.devMinor !== 0) writeOctal(block, fields.devMinor[0], fields.devMinor[1], content.devMinor)
  // Six digits, NUL, space, as the standard's checksum has it.
  writeOctal(block, fields.checksum[0], 7, checksumOf(block, 0))
  block[fields.checksum[0] + 7] = 0x20
  return block
}

/** Whether the name and prefix fields hold the name, in ASCII as the standard asks. */
export function fitsUstarName(name: ByteString): boolean {
  return !nonAscii.test(name) && (name.length <= fields.name[1] || splitAt(name) > 0)
}

export function fitsUstarLink(target: ByteString): boolean {
  return target.length <= fields.linkName[1] && !nonAscii.test(target)
}

/** Where to split a long name: the last slash that leaves a prefix of at most 155 bytes; 0 when the rest is too long. */
function splitAt(name: ByteString): number {
  const slash = name.lastIndexOf('/', Math.min(fields.prefix[1], name.length - 2))
  return slash > 0 && name.length - slash - 1 <= fields.name[1] ? slash : 0
}

/** A name that does not fit is cut off: the extended header has it whole. */
function writeName(block: Buffer, name: ByteString): void {
  const slash = name.length > fields.name[1] ? splitAt(name) : 0
  if (slash > 0) block.write(name.slice(0, slash), fields.prefix[0], 'latin1')
  block.write(slash > 0 ? name.slice(slash + 1) : name, fields.name[0], fields.name[1], 'latin1')
}
