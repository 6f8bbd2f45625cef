import { createHash } from 'node:crypto'
import { bufferFromBytes } from '../image/bytes.ts'
import type { Entry } from '../image/entry.ts'
import { AttributeSets } from './attribute-sets.ts'
import { contentDigest } from './content.ts'

/** What can differ between two entries of one path, in the order in which it is told. */
export const differences = ['type', 'content', 'mode', 'owner', 'mtime', 'xattrs', 'target', 'device', 'links'] as const
export type ChangedWhat = (typeof differences)[number]

// Where the numbers of a fingerprint stand.
const set = 0
/** The first half of the SHA-256 of a file's content or a symlink's target; a device's numbers. */
const own = 1
const time = 5
const end = 8

/**
 * What an entry says, in eight numbers of 32 bits, or five without its time: few enough to be kept for each path of a large tree. Only
 * those that one object made can be compared.
 */
export class Fingerprints {
  /** How many numbers one has. */
  readonly length: number
  readonly #sets = new AttributeSets()

  /** `times`: modification times belong to it. */
  constructor(times: boolean) {
    this.length = times ? end : time
  }

  /** The fingerprint of an entry that is no hard link. Consumes the body. */
  async of(entry: Entry): Promise<Int32Array> {
    const { type, mtime } = entry
    const print = new Int32Array(this.length)
    print[set] = this.#sets.numberOf(entry)
    if (type === 'file') putDigest(print, await contentDigest(entry))
    else if (type === 'symlink') {
      putDigest(print, createHash('sha256').update(bufferFromBytes(entry.linkTarget)).digest())
    } else if (type === 'char' || type === 'block') print.set([entry.devMajor, entry.devMinor], own)
    // Times reach from −2^93 to 2^93 nanoseconds.
    for (let i = time; i < this.length; i++) print[i] = Number(BigInt.asIntN(32, mtime >> BigInt(32 * (i - time))))
    return print
  }

  /** What differs between two entries; nothing else counts where their types do. */
  differences(a: Int32Array, b: Int32Array): ChangedWhat[] {
    const [x, y] = [this.#sets.get(a[set]!), this.#sets.get(b[set]!)]
    if (x.type !== y.type) return ['type']
    const ownWord = x.type === 'symlink' ? 'target' : x.type === 'char' || x.type === 'block' ? 'device' : 'content'
    const found = new Set<ChangedWhat>()
    if (differ(a, b, own, time)) found.add(ownWord)
    if (x.mode !== y.mode) found.add('mode')
    if (x.uid !== y.uid || x.gid !== y.gid) found.add('owner')
    if (differ(a, b, time, this.length)) found.add('mtime')
    if (x.xattrs !== y.xattrs) found.add('xattrs')
    return differences.filter((word) => found.has(word))
  }
}

function putDigest(print: Int32Array, digest: Buffer): void {
  for (let i = own; i < time; i++) print[i] = digest.readInt32LE(4 * (i - own))
}

function differ(a: Int32Array, b: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return true
  return false
}
