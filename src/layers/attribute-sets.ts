import { createHash } from 'node:crypto'
import { type ByteString, bufferFromBytes, compareBytes } from '../image/bytes.ts'
import type { EntryHeader, EntryType } from '../image/entry.ts'

/** What an entry mostly has in common with very many others. */
export interface AttributeSet {
  readonly type: EntryType
  /** Of symlinks 0: Linux gives them none of their own, and archives say this or that. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** SHA-256 over the extended attributes; '' when there are none. */
  readonly xattrs: string
}

/** Sets of attributes by number, from 0 on, each once: a tree of any size has few that differ. */
export class AttributeSets {
  readonly #sets: AttributeSet[] = []
  readonly #numbers = new Map<string, number>()

  numberOf(header: EntryHeader): number {
    const { type, uid, gid } = header
    const mode = type === 'symlink' ? 0 : header.mode
    const xattrs = header.xattrs.size === 0 ? '' : digestOf(header.xattrs)
    const key = `${type} ${mode} ${uid} ${gid} ${xattrs}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#sets.length)
    return this.#sets.push({ type, mode, uid, gid, xattrs }) - 1
  }

  get(number: number): AttributeSet {
    return this.#sets[number]!
  }
}

function digestOf(xattrs: ReadonlyMap<ByteString, Buffer>): string {
  const hash = createHash('sha256')
  for (const name of [...xattrs.keys()].sort(compareBytes)) {
    const value = xattrs.get(name)!
    hash.update(`${name.length} ${value.length} `).update(bufferFromBytes(name)).update(value)
  }
  return hash.digest('base64')
}
