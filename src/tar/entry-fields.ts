import type { ByteString } from '../image/bytes.ts'
import type { EntryType } from '../image/entry.ts'
import { fields, type RawHeader } from './block.ts'
import type { EntryMeta } from './meta.ts'
import { parseDecimal, readNumber } from './numbers.ts'
import type { PaxRecords } from './pax.ts'
import { isRepresentableTime, parsePaxTime } from './times.ts'

/** 2^32−1 is "no change" for chown and so never an owner. */
const mostId = 0xfffffffe

export const typeCodes = {
  oldFile: 0,
  file: 0x30,
  hardlink: 0x31,
  symlink: 0x32,
  char: 0x33,
  block: 0x34,
  directory: 0x35,
  fifo: 0x36,
  contiguous: 0x37,
  gnuSparse: 0x53,
  paxLocal: 0x78,
  paxGlobal: 0x67,
  longName: 0x4c,
  longLink: 0x4b,
  volume: 0x56,
} as const

const types: ReadonlyMap<number, EntryType> = new Map([
  [typeCodes.oldFile, 'file'],
  [typeCodes.file, 'file'],
  [typeCodes.hardlink, 'hardlink'],
  [typeCodes.symlink, 'symlink'],
  [typeCodes.char, 'char'],
  [typeCodes.block, 'block'],
  [typeCodes.directory, 'directory'],
  [typeCodes.fifo, 'fifo'],
  [typeCodes.contiguous, 'file'],
  [typeCodes.gnuSparse, 'file'],
])

/** The kind of entry, undefined for type codes that mean none. A "file" whose name ends in `/` is an old directory. */
export function entryType(code: number, storedName: ByteString): EntryType | undefined {
  const type = types.get(code)
  return type === 'file' && code !== typeCodes.gnuSparse && storedName.endsWith('/') ? 'directory' : type
}

/** What a header block and the records about it say together; a string is the reason why it is refused. */
export interface Fields {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: bigint
  /** Bytes in the archive. */
  readonly stored: number
}

/** Brings block and records together; a string tells which field is refused and why. */
export function readFields(raw: RawHeader, records: PaxRecords): Fields | string {
  const mode = raw.mode
  const uid = pick(records, 'uid', raw.uid)
  const gid = pick(records, 'gid', raw.gid)
  const stored = pick(records, 'size', raw.size)
  const timeRecord = records.get('mtime')
  const mtime = timeRecord ? parsePaxTime(timeRecord) : raw.mtime
  if (Number.isNaN(mode)) return 'the mode is not a number'
  if (!(uid >= 0 && uid <= mostId)) return 'the user id is not a number from 0 to 4294967294'
  if (!(gid >= 0 && gid <= mostId)) return 'the group id is not a number from 0 to 4294967294'
  if (!(stored >= 0)) return 'the size is not a number from 0 to 2^53'
  if (mtime === undefined || !isRepresentableTime(mtime)) return 'the modification time is not a time'
  return { mode: mode & 0o7777, uid, gid, mtime, stored }
}

function pick(records: PaxRecords, keyword: string, fallback: number): number {
  const value = records.get(keyword)
  return value ? parseDecimal(value) : fallback
}

/** The stored name, or that two headers disagree. */
export function storedName(raw: RawHeader, meta: EntryMeta, records: PaxRecords): ByteString | undefined {
  return agree(records.get('GNU.sparse.name') || records.get('path'), meta.longName, raw.name)
}

/** The stored link target, or undefined when two headers disagree. */
export function storedLink(raw: RawHeader, meta: EntryMeta, records: PaxRecords): ByteString | undefined {
  return agree(records.get('linkpath'), meta.longLink, raw.linkName)
}

/** Readers differ in whether a PAX or a GNU name wins: so they must not differ. */
function agree(pax: ByteString | undefined, gnu: ByteString | undefined, plain: ByteString): ByteString | undefined {
  if (pax && gnu !== undefined && pax !== gnu) return undefined
  return pax || (gnu ?? plain)
}

/** Device numbers, NaN where they are none. star writes numbers too big for the fields as records. */
export function readDevice(block: Buffer, at: number, records: PaxRecords): { devMajor: number; devMinor: number } {
  return {
    devMajor: pick(records, 'SCHILY.devmajor', readNumber(block, at + fields.devMajor[0], fields.devMajor[1])),
    devMinor: pick(records, 'SCHILY.devminor', readNumber(block, at + fields.devMinor[0], fields.devMinor[1])),
  }
}
