import type { ByteString } from '../image/bytes.ts'
import { mergePax, type PaxRecords, parsePax } from './pax.ts'

const none: PaxRecords = new Map()

/**
 * What extended headers and GNU long names say about the next entry, and global headers about all that follow.
 * The methods that take in a header answer what is wrong with it, or undefined.
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
  addLocal(data: Buffer): string | undefined {
    if (this.#local !== undefined) return 'a second extended header for one entry'
    const records = parsePax(data)
    if (!(records instanceof Map)) return `a broken extended header: at its byte ${records.at}, ${records.fault},`
    this.#local = records
    return undefined
  }

  /** A `g` header. All of them together may hold `maxBytes`; more is answered as 'limit'. */
  addGlobal(data: Buffer, maxBytes: number): string | 'limit' | undefined {
    const records = parsePax(data)
    if (!(records instanceof Map)) return `a broken global header: at its byte ${records.at}, ${records.fault},`
    const merged: PaxRecords = new Map(this.#global)
    let bytes = 0
    for (const [keyword, value] of records) {
      if (value === '') merged.delete(keyword)
      else merged.set(keyword, value)
    }
    for (const [keyword, value] of merged) bytes += keyword.length + value.length
    if (bytes > maxBytes) return 'limit'
    this.#global = merged
    return undefined
  }

  /** An `L` or `K` header: the name up to its first NUL. */
  addLong(kind: 'longName' | 'longLink', data: Buffer): string | undefined {
    if (this[kind] !== undefined) return 'a second long name for one entry'
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
