import type { ByteString } from '../image/bytes.ts'
import { mergePax, type PaxFault, type PaxRecords, parsePax } from './pax.ts'

const none: PaxRecords = new Map()

/** What a global header may set. Writers put little but comments there, which say nothing about entries. */
const globalKeywords = new Set(['path', 'linkpath', 'size', 'uid', 'gid', 'mtime'])

/** Would make every entry that follows carry them, at no cost in archive bytes: not taken. */
const refusedInGlobal = /^(?:SCHILY\.(?:xattr|acl|dev|realsize)|LIBARCHIVE\.xattr|GNU\.sparse)/

/** Why a header is refused. */
export interface MetaFault {
  readonly code: 'bad-input' | 'unsupported'
  readonly problem: string
}

/**
 * What extended headers and GNU long names say about the next entry, and global headers about all that follow.
 * The methods that take in a header answer why it is refused, or undefined.
 */
export class EntryMeta {
  #global: PaxRecords = none
  #local: PaxRecords | undefined
  longName: ByteString | undefined
  longLink: ByteString | undefined
  /** Bytes of the headers taken in since the last entry. */
  bytes = 0

  /** Something has been said about an entry that has not come yet. */
  get pending(): boolean {
    return this.#local !== undefined || this.longName !== undefined || this.longLink !== undefined
  }

  /** The records that hold for the next entry. */
  get records(): PaxRecords {
    return this.#local === undefined ? this.#global : mergePax(this.#global, this.#local)
  }

  /** An `x` header. */
  addLocal(data: Buffer): MetaFault | undefined {
    if (this.#local !== undefined) return badInput('a second extended header for one entry')
    const records = parsePax(data)
    if (!(records instanceof Map)) return brokenHeader('extended', records)
    this.#local = records
    return undefined
  }

  /** A `g` header. */
  addGlobal(data: Buffer): MetaFault | undefined {
    const records = parsePax(data)
    if (!(records instanceof Map)) return brokenHeader('global', records)
    const merged: PaxRecords = new Map(this.#global)
    for (const [keyword, value] of records) {
      if (refusedInGlobal.test(keyword)) {
        return { code: 'unsupported', problem: 'a global header that gives all entries attributes or holes' }
      }
      if (!globalKeywords.has(keyword)) continue
      if (value === '') merged.delete(keyword)
      else merged.set(keyword, value)
    }
    this.#global = merged
    return undefined
  }

  /** An `L` or `K` header: the name up to its first NUL. */
  addLong(kind: 'longName' | 'longLink', data: Buffer): MetaFault | undefined {
    if (this[kind] !== undefined) return badInput('a second long name for one entry')
    const end = data.indexOf(0)
    this[kind] = data.toString('latin1', 0, end < 0 ? data.length : end)
    return undefined
  }

  /** The entry has come. */
  reset(): void {
    this.#local = undefined
    this.longName = undefined
    this.longLink = undefined
    this.bytes = 0
  }
}

function badInput(problem: string): MetaFault {
  return { code: 'bad-input', problem }
}

function brokenHeader(kind: string, { at, fault }: PaxFault): MetaFault {
  return badInput(`a broken ${kind} header: at its byte ${at}, ${fault},`)
}
