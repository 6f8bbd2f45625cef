import { createHash, randomBytes } from 'node:crypto'
import { type ByteString, bufferFromBytes, compareBytes } from '../image/bytes.ts'
import { type Entry, entryTypes } from '../image/entry.ts'
import { contentDigest } from './content.ts'

/** What can differ between two entries of one path, in the order in which it is told. */
export const differences = ['type', 'content', 'mode', 'owner', 'mtime', 'xattrs', 'target', 'device', 'links'] as const
export type ChangedWhat = (typeof differences)[number]

// Where the numbers of a fingerprint stand.
/** The index of its type, above the mode's twelve bits. */
const typeAndMode = 0
/** User and group. */
const owner = 1
/** A hash of the extended attributes. */
const xattrs = 3
/** The first half of the SHA-256 of a file's content or a symlink's target; a device's numbers. */
const own = 5
const time = 9
const end = 12
const modeBits = 12

/**
 * What an entry says, in twelve numbers of 32 bits, or nine without its time: few enough to be kept for each path of a large tree, and
 * as many whatever is in the tree. Only those that one object made can be compared.
 */
export class Fingerprints {
  /** How many numbers one has. */
  readonly length: number
  /** Hashed before extended attributes, so that nobody can look for two sets whose short hash is the same. */
  readonly #salt = randomBytes(32)

  /** `times`: modification times belong to it. */
  constructor(times: boolean) {
    this.length = times ? end : time
  }

  /** The fingerprint of an entry that is no hard link. Consumes the body. */
  async of(entry: Entry): Promise<Int32Array> {
    const { type, mtime } = entry
    const print = new Int32Array(this.length)
    // Linux gives symlinks no mode of their own, and archives say this or that.
    const mode = type === 'symlink' ? 0 : entry.mode
    print.set([(entryTypes.indexOf(type) << modeBits) | mode, entry.uid, entry.gid])
    if (entry.xattrs.size > 0) putDigest(print, xattrs, own, this.#hashOf(entry.xattrs))
    if (type === 'file') putDigest(print, own, time, await contentDigest(entry))
    else if (type === 'symlink') {
      putDigest(print, own, time, createHash('sha256').update(bufferFromBytes(entry.linkTarget)).digest())
    } else if (type === 'char' || type === 'block') print.set([entry.devMajor, entry.devMinor], own)
    // Times reach from −2^93 to 2^93 nanoseconds.
    for (let i = time; i < this.length; i++) print[i] = Number(BigInt.asIntN(32, mtime >> BigInt(32 * (i - time))))
    return print
  }

  /** What differs between two entries; nothing else counts where their types do. */
  differences(a: Int32Array, b: Int32Array): ChangedWhat[] {
    const type = entryTypes[a[typeAndMode]! >> modeBits]
    if (type !== entryTypes[b[typeAndMode]! >> modeBits]) return ['type']
    const ownWord = type === 'symlink' ? 'target' : type === 'char' || type === 'block' ? 'device' : 'content'
    const found = new Set<ChangedWhat>()
    if (differ(a, b, own, time)) found.add(ownWord)
    if (a[typeAndMode] !== b[typeAndMode]) found.add('mode')
    if (differ(a, b, owner, xattrs)) found.add('owner')
    if (differ(a, b, time, this.length)) found.add('mtime')
    if (differ(a, b, xattrs, own)) found.add('xattrs')
    return differences.filter((word) => found.has(word))
  }

  #hashOf(attributes: ReadonlyMap<ByteString, Buffer>): Buffer {
    const hash = createHash('sha256').update(this.#salt)
    for (const name of [...attributes.keys()].sort(compareBytes)) {
      const value = attributes.get(name)!
      hash.update(`${name.length} ${value.length} `).update(bufferFromBytes(name)).update(value)
    }
    return hash.digest()
  }
}

/** As much of a digest as fits between `from` and `to`. */
function putDigest(print: Int32Array, from: number, to: number, digest: Buffer): void {
  for (let i = from; i < to; i++) print[i] = digest.readInt32LE(4 * (i - from))
}

function differ(a: Int32Array, b: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return true
  return false
}
