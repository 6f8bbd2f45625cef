import { type ByteString, displayBytes } from '../image/bytes.ts'
import { bodySize, type EntryHeader } from '../image/entry.ts'
import { type ErrorCode, IngotError } from '../image/error.ts'
import { blockSize, paddingLength } from './block.ts'
import { typeCodes } from './entry-fields.ts'
import { encodePax, type PaxRecords } from './pax.ts'
import { checkRuns, encodeSparseMap } from './sparse.ts'
import { formatPaxTime, isRepresentableTime, nanosecondsPerSecond } from './times.ts'
import type { WriteTarOptions } from './types.ts'
import { encodeUstar, fitsUstarLink, fitsUstarName, mostDevice, mostId, mostNumber } from './ustar.ts'
import { addXattrRecords } from './xattrs.ts'

/** Two blocks of zeros: what an archive ends with. */
export const endOfArchive: Buffer = Buffer.alloc(2 * blockSize)

/** The zeros that fill up the last block of `size` bytes of data. */
export function padding(size: number): Buffer {
  return endOfArchive.subarray(0, paddingLength(size))
}

/** The runs that are written for a file: undefined when it is written in one piece, holes and all. */
function sparseRuns(header: EntryHeader, options: WriteTarOptions): EntryHeader['sparse'] {
  if (header.type !== 'file' || header.sparse === undefined) return undefined
  return options.sparse === 'expand' || bodySize(header) === header.size ? undefined : header.sparse
}

/** The bytes of data that follow an entry's header blocks, before padding. */
export function storedSize(header: EntryHeader, options: WriteTarOptions = {}): number {
  if (header.type !== 'file') return 0
  return sparseRuns(header, options) === undefined ? header.size : bodySize(header)
}

/**
 * All blocks that stand before an entry's data: an extended header (POSIX.1-2001 pax) where the entry needs one, the
 * ustar header, and for a sparse file its map (GNU PAX sparse 1.0). `storedSize` bytes of data and their `padding`
 * come next. The same header always gives the same bytes.
 *
 * An extended header is there only for what ustar cannot say: long names and names with bytes beyond ASCII (raw, in
 * `path` and in the ustar field), big ids, sizes from 8 GiB, times with fractions or outside 0..2^33, extended
 * attributes. Owner names are left empty.
 *
 * Throws 'unsupported' for values that no tar header can hold and 'bad-input' for headers that break EntryHeader's rules.
 */
export function encodeHeader(header: EntryHeader, options: WriteTarOptions = {}): Buffer {
  checkHeader(header)
  const prefix = options.prefix ?? ''
  const name = memberName(header, prefix)
  const linkTarget = header.type === 'hardlink' ? prefix + header.linkTarget : header.linkTarget
  const runs = sparseRuns(header, options)
  const map = runs === undefined ? undefined : encodeSparseMap(runs, header.size)
  const size = storedSize(header, options) + (map?.length ?? 0)
  const seconds = floorSeconds(header.mtime)
  const records = collectRecords(header, name, linkTarget, size, seconds, map !== undefined)
  const block = encodeUstar({
    name: map === undefined ? name : sparseName,
    linkTarget,
    code: typeCodes[header.type],
    mode: header.mode,
    uid: header.uid,
    gid: header.gid,
    size,
    mtime: seconds,
    devMajor: header.devMajor,
    devMinor: header.devMinor,
  })
  if (records.size === 0) return block
  const blocks = [...encodeExtended(records), block]
  if (map !== undefined) blocks.push(map)
  return Buffer.concat(blocks)
}

/** Readers that know nothing of sparse files get the map and the data under this name, as GNU tar does it. */
const sparseName = 'GNUSparseFile.0/file'

function memberName(header: EntryHeader, prefix: '' | './'): ByteString {
  if (header.path === '') return './'
  return header.type === 'directory' ? `${prefix}${header.path}/` : prefix + header.path
}

function collectRecords(
  header: EntryHeader,
  name: ByteString,
  linkTarget: ByteString,
  size: number,
  seconds: number | undefined,
  isSparse: boolean,
): PaxRecords {
  const records: PaxRecords = new Map()
  if (isSparse) {
    records.set('GNU.sparse.major', '1')
    records.set('GNU.sparse.minor', '0')
    records.set('GNU.sparse.name', name)
    records.set('GNU.sparse.realsize', String(header.size))
  } else if (!fitsUstarName(name)) {
    records.set('path', name)
  }
  if (!fitsUstarLink(linkTarget)) records.set('linkpath', linkTarget)
  if (header.uid > mostId) records.set('uid', String(header.uid))
  if (header.gid > mostId) records.set('gid', String(header.gid))
  if (size > mostNumber) records.set('size', String(size))
  if (seconds === undefined) records.set('mtime', formatPaxTime(header.mtime))
  if (header.xattrs.size > 0) addXattrRecords(records, header)
  return records
}

/** The whole seconds, undefined when the field cannot say the time exactly. */
function floorSeconds(mtime: bigint): number | undefined {
  if (mtime < 0n || mtime % nanosecondsPerSecond !== 0n) return undefined
  const seconds = Number(mtime / nanosecondsPerSecond)
  return seconds > mostNumber ? undefined : seconds
}

function encodeExtended(records: PaxRecords): Buffer[] {
  const data = encodePax(records)
  const block = encodeUstar({
    name: 'PaxHeaders',
    linkTarget: '',
    code: typeCodes.paxLocal,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: data.length,
    mtime: 0,
    devMajor: 0,
    devMinor: 0,
  })
  return [block, data, padding(data.length)]
}

/** Throws 'unsupported' for values that no tar header can hold and 'bad-input' for headers that break EntryHeader's rules. */
export function checkHeader(header: EntryHeader): void {
  const { path, type, linkTarget } = header
  if (path.includes('\0')) throw refuse('bad-input', header, 'its name has a NUL byte')
  if (path === '' && type !== 'directory') throw refuse('bad-input', header, `the root directory is given as a ${type}`)
  if (type === 'symlink' || type === 'hardlink') {
    if (linkTarget === '') throw refuse('bad-input', header, 'it is a link without a target')
    if (linkTarget.includes('\0')) throw refuse('bad-input', header, "its link's target has a NUL byte")
  }
  for (const field of ['mode', 'uid', 'gid', 'size', 'devMajor', 'devMinor'] as const) {
    const value = header[field]
    if (!Number.isSafeInteger(value) || value < 0) {
      throw refuse('bad-input', header, `its ${field} ${value} is not a whole number`)
    }
  }
  if (header.mode > 0o7777) throw refuse('bad-input', header, `its mode 0${header.mode.toString(8)} is above 07777`)
  if (header.uid > 0xfffffffe || header.gid > 0xfffffffe) {
    throw refuse('bad-input', header, `its owner ${header.uid}:${header.gid} is above 4294967294`)
  }
  if (header.devMajor > mostDevice || header.devMinor > mostDevice) {
    throw refuse('unsupported', header, `tar cannot hold its device number ${header.devMajor}:${header.devMinor}`)
  }
  if (!isRepresentableTime(header.mtime)) throw refuse('unsupported', header, 'tar cannot hold its modification time')
  if (type === 'file' && header.sparse !== undefined) {
    const checked = checkRuns(header.sparse, header.size, bodySize(header))
    if (typeof checked === 'string') throw refuse('bad-input', header, checked)
  }
  for (const name of header.xattrs.keys()) {
    if (name === '' || name.includes('\0'))
      throw refuse('bad-input', header, 'an extended attribute has no usable name')
  }
}

function refuse(code: ErrorCode, header: EntryHeader, problem: string): IngotError {
  return new IngotError(code, `cannot write "${displayBytes(header.path)}" to a tar archive: ${problem}`)
}
