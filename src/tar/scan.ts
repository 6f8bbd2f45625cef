import type { ByteString } from '../image/bytes.ts'
import { type DataRun, type Entry, emptyBody } from '../image/entry.ts'
import type { ErrorCode, IngotError } from '../image/error.ts'
import {
  blockSize,
  hasValidChecksum,
  isZero,
  isZeroBlock,
  paddingLength,
  parseBlock,
  type RawHeader,
  readSize,
} from './block.ts'
import { Body } from './body.ts'
import type { Cursor } from './cursor.ts'
import { entryType, readDevice, readFields, storedLink, storedName, typeCodes } from './entry-fields.ts'
import { tarError } from './fault.ts'
import { EntryMeta, type MetaFault } from './meta.ts'
import { canonicalPath } from './paths.ts'
import type { PaxRecords } from './pax.ts'
import { readSparse } from './read-sparse.ts'
import type { ReadTarOptions } from './types.ts'
import { xattrsFromPax } from './xattrs.ts'

const defaultMaxHeaderBytes = 4 * 1024 * 1024

/** Steps through an archive entry by entry. */
export class TarScanner {
  readonly cursor: Cursor
  readonly #options: ReadTarOptions
  readonly #maxHeaderBytes: number
  readonly #meta = new EntryMeta()
  /** Offset of the header block that is being read. */
  #at = 0
  /** Something of an archive has been seen. */
  #begun = false
  #entryName: ByteString | undefined
  /** Goes up with every call of `next`: what belongs to an earlier entry can tell. */
  entryCount = 0
  /** The entry's name as stored, before it was brought into canonical form. */
  rawName: ByteString = ''
  /** The current entry's data not taken yet, and the bytes from its end to the next block. */
  remaining = 0
  #padding = 0

  constructor(cursor: Cursor, options: ReadTarOptions) {
    this.cursor = cursor
    this.#options = options
    this.#maxHeaderBytes = options.maxHeaderBytes ?? defaultMaxHeaderBytes
  }

  /** The next entry, undefined after the last. What is left of the current one's data is skipped. */
  async next(): Promise<Entry | undefined> {
    this.entryCount++
    const rest = this.remaining + this.#padding
    if (rest <= this.cursor.available) this.#take(rest)
    else if (!(await this.#skipRest())) return this.#endOfSource()
    this.#meta.reset()
    this.#entryName = undefined
    for (;;) {
      const { cursor } = this
      this.#at = cursor.offset
      if (cursor.available < blockSize && !(await cursor.fill(blockSize))) return this.#endOfSource()
      const { chunk, position } = cursor
      if (chunk[position] === 0 && isZeroBlock(chunk, position)) return await this.#zeroBlock()
      if (!hasValidChecksum(chunk, position)) {
        throw this.fail('bad-input', this.#begun ? 'a header has a wrong checksum' : 'not a tar archive: no header')
      }
      this.#begun = true
      const code = chunk[position + 156]!
      if (!isMeta(code)) return await this.#entry(code, parseBlock(chunk, position))
      await this.#readMeta(code)
    }
  }

  /** An error at the current header (or at `offset`), for the caller to throw. */
  fail(code: ErrorCode, problem: string, hint?: string, offset = this.#at): IngotError {
    return tarError(code, this.#options.name, problem, offset, this.#entryName, hint)
  }

  truncated(): IngotError {
    return this.fail('bad-input', 'the archive ends early,', undefined, this.cursor.offset + this.cursor.available)
  }

  async #skip(length: number): Promise<void> {
    const { cursor } = this
    if (length <= cursor.available) cursor.position += length
    else if (!(await cursor.skip(length))) throw this.truncated()
    this.remaining = 0
    this.#padding = 0
  }

  /** Skips what is left of an entry. False when the source ends with the data: umoci's insert leaves the last padding out. */
  async #skipRest(): Promise<boolean> {
    const padding = this.#padding
    if (this.remaining > 0) await this.#skip(this.remaining)
    if (await this.cursor.fill(padding)) this.#take(padding)
    else if (this.cursor.available > 0) throw this.truncated()
    else return false
    return true
  }

  #take(length: number): void {
    this.cursor.position += length
    this.remaining = 0
    this.#padding = 0
  }

  #endOfSource(): undefined {
    if (this.cursor.available > 0) throw this.truncated()
    if (!this.#begun) throw this.fail('bad-input', 'not a tar archive: it is empty,')
    this.#refusePending()
    if (this.#options.endMarker !== 'required') return
    throw this.fail('bad-input', 'the archive has no end marker: it was cut off, or its writer left the marker out,')
  }

  /** The end is two zero blocks; one at the very end of the source will do. */
  async #zeroBlock(): Promise<undefined> {
    this.#refusePending()
    const { cursor } = this
    cursor.position += blockSize
    const whole = await cursor.fill(blockSize)
    const length = whole ? blockSize : cursor.available
    if (!isZero(cursor.chunk, cursor.position, cursor.position + length)) {
      throw this.fail('bad-input', 'one block of zeros and then more')
    }
  }

  #refusePending(): void {
    if (this.#meta.pending) throw this.fail('bad-input', 'the archive ends after an extended header,')
  }

  async #readMeta(code: number): Promise<void> {
    const { cursor } = this
    const size = readSize(cursor.chunk, cursor.position)
    if (!(size >= 0)) throw this.fail('bad-input', 'the size of an extended header is not a number')
    cursor.position += blockSize
    if (code === typeCodes.volume) return await this.#skip(size + paddingLength(size))
    this.#meta.bytes += size
    if (this.#meta.bytes > this.#maxHeaderBytes) {
      throw this.fail('limit', `extended headers of more than ${this.#maxHeaderBytes} bytes`)
    }
    const stored = size + paddingLength(size)
    if (cursor.available < stored && !(await cursor.fill(stored))) throw this.truncated()
    const data = cursor.chunk.subarray(cursor.position, cursor.position + size)
    cursor.position += stored
    const refused = this.#addMeta(code, data)
    if (refused !== undefined) throw this.fail(refused.code, refused.problem)
  }

  #addMeta(code: number, data: Buffer): MetaFault | undefined {
    if (code === typeCodes.paxLocal) return this.#meta.addLocal(data)
    if (code === typeCodes.paxGlobal) return this.#meta.addGlobal(data)
    return this.#meta.addLong(code === typeCodes.longName ? 'longName' : 'longLink', data)
  }

  /** The cursor stands on the entry's header block. */
  async #entry(code: number, raw: RawHeader): Promise<Entry> {
    const { cursor } = this
    const { records } = this.#meta
    this.#entryName = raw.name
    const name = storedName(raw, this.#meta, records)
    if (name === undefined) throw this.fail('bad-input', 'a PAX and a GNU long name that differ')
    this.rawName = name
    this.#entryName = name
    const type = entryType(code, name)
    if (type === undefined) throw this.fail('bad-input', `an entry of the unknown type ${describeCode(code)}`)
    const path = this.#canonical(name, 'name')
    if (path === '' && type !== 'directory') throw this.fail('bad-input', `the root directory is given as a ${type}`)
    const fields = readFields(raw, records)
    if (typeof fields === 'string') throw this.fail('bad-input', fields)
    const linkTarget = type === 'symlink' || type === 'hardlink' ? this.#linkTarget(type, raw, records) : ''
    const devices = type === 'char' || type === 'block' ? this.#devices(records) : noDevice
    const xattrs = xattrsFromPax(records)
    if ('fault' in xattrs) throw this.fail('bad-input', xattrs.fault, xattrs.hint)

    let { stored } = fields
    let size = type === 'file' ? stored : 0
    let sparse: readonly DataRun[] | undefined
    if (code === typeCodes.gnuSparse || (records.size > 0 && hasSparseRecords(records))) {
      if (type !== 'file') throw this.fail('bad-input', `a sparse map for a ${type}`)
      const found = await readSparse(this, code === typeCodes.gnuSparse, records, stored)
      ;({ stored, size, sparse } = found)
    } else {
      cursor.position += blockSize
    }
    if (type === 'file') {
      this.remaining = stored
      this.#padding = paddingLength(stored)
    } else if (stored > 0 && (await this.#carriesData())) {
      await this.#skip(stored + paddingLength(stored))
    }
    const { mode, uid, gid, mtime } = fields
    const { devMajor, devMinor } = devices
    const body = this.remaining === 0 ? emptyBody : new Body(this)
    const entry = { path, type, mode, uid, gid, mtime, size, linkTarget, devMajor, devMinor, xattrs, body }
    return sparse === undefined ? entry : { ...entry, sparse }
  }

  #canonical(stored: ByteString, what: 'name' | 'hard link target'): ByteString {
    const { path, fault } = canonicalPath(stored, this.#options.absoluteNames ?? 'error')
    if (path !== undefined) return path
    throw this.fail(fault.startsWith('is longer') ? 'limit' : 'bad-input', `the ${what} ${fault}`)
  }

  #linkTarget(type: 'symlink' | 'hardlink', raw: RawHeader, records: PaxRecords): ByteString {
    const target = storedLink(raw, this.#meta, records)
    if (target === undefined) throw this.fail('bad-input', 'a PAX and a GNU long link target that differ')
    if (type === 'symlink') {
      if (target === '' || target.includes('\0')) {
        throw this.fail('bad-input', `the symlink's target ${target === '' ? 'is empty' : 'has a NUL byte'}`)
      }
      const { fault } = canonicalPath(target, 'strip')
      if (fault?.startsWith('is longer')) throw this.fail('limit', `the symlink's target ${fault}`)
      return target
    }
    const path = this.#canonical(target, 'hard link target')
    if (path === '') throw this.fail('bad-input', 'a hard link to the root directory')
    return path
  }

  #devices(records: PaxRecords): typeof noDevice {
    const devices = readDevice(this.cursor.chunk, this.cursor.position, records)
    for (const number of [devices.devMajor, devices.devMinor]) {
      if (!(number >= 0 && number <= 0xffffffff)) throw this.fail('bad-input', 'the device number is not a number')
    }
    return devices
  }

  /**
   * Whether a size on something that is not a file means that data follow. POSIX lets pax store data with a hard link,
   * but many writers give a size and no data, and GNU tar and Go look at the type alone. So: no data where a header or
   * the end comes next, as for those two; data otherwise.
   */
  async #carriesData(): Promise<boolean> {
    const { cursor } = this
    if (!(await cursor.fill(blockSize))) return cursor.available > 0
    const { chunk, position } = cursor
    return !isZeroBlock(chunk, position) && !hasValidChecksum(chunk, position)
  }
}

const noDevice = { devMajor: 0, devMinor: 0 }

function isMeta(code: number): boolean {
  return (
    code === typeCodes.paxLocal ||
    code === typeCodes.paxGlobal ||
    code === typeCodes.longName ||
    code === typeCodes.longLink ||
    code === typeCodes.volume
  )
}

function hasSparseRecords(records: PaxRecords): boolean {
  for (const keyword of records.keys()) {
    if (keyword.startsWith('GNU.sparse.') || keyword === 'SCHILY.realsize') return true
  }
  return false
}

function describeCode(code: number): string {
  return code > 0x20 && code < 0x7f ? `'${String.fromCharCode(code)}'` : `0x${code.toString(16).padStart(2, '0')}`
}
