import type { ByteString } from '../image/bytes.ts'
import { IngotError } from '../image/error.ts'
import { Rows } from './rows.ts'

/** What look-ups give where there is nothing. */
export const nowhere = -1

// Fields of a node's row.
const parentField = 0
/** Where its name begins: the number of the page, above `pageBits`, and the place there. */
const nameField = 1
/** The next node in the same bucket. */
const nextField = 2

/** In place of the next node: this one was removed. */
const removed = -2
const hashPrime = 0x01000193
const pageBits = 16
const pageSize = 1 << pageBits
const mostPages = 1 << (31 - pageBits)
const slash = 0x2f

/**
 * Names in directories by number, each with the number of its directory: a million paths take about 40 MB, half of it their names.
 * Number 0 is the root. Numbers are never used again.
 */
export class NameTable {
  readonly #rows = new Rows(3)
  /** Each name ends with a NUL, and lies in one page. */
  readonly #names: Uint8Array<ArrayBuffer>[] = [new Uint8Array(pageSize)]
  #namesEnd = 0
  #buckets = new Int32Array(1 << 10).fill(nowhere)
  /** Where paths are put together. */
  #path: Buffer = Buffer.alloc(4096)
  /** Another in each process, so that nobody can choose names that all fall into one bucket. */
  readonly #seed = Math.floor(Math.random() * 0x100000000) | 0

  constructor() {
    this.addName(nowhere, '', 0, 0)
  }

  /** How many were ever made. */
  get count(): number {
    return this.#rows.count
  }

  /** Makes a node named `path[start..end)`; its parent must have none of this name. */
  addName(parent: number, path: ByteString, start: number, end: number): number {
    if (this.count === this.#buckets.length) this.#growBuckets()
    const rows = this.#rows
    const node = rows.add()
    rows.set(node, parentField, parent)
    rows.set(node, nameField, this.#storeName(path, start, end))
    this.#enterBucket(node, this.#bucketOf(parent, path, start, end))
    return node
  }

  /** The node named `path[start..end)` in a directory, or nowhere. */
  child(parent: number, path: ByteString, start: number, end: number): number {
    const rows = this.#rows
    let node = this.#buckets[this.#bucketOf(parent, path, start, end)]!
    while (node !== nowhere) {
      if (rows.get(node, parentField) === parent && this.#isNamed(node, path, start, end)) return node
      node = rows.get(node, nextField)
    }
    return nowhere
  }

  /** Takes a node out: it is not found any more, and so nothing below it is. */
  removeName(node: number): void {
    const rows = this.#rows
    const bucket = this.#bucketOfNode(node)
    const next = rows.get(node, nextField)
    let before = this.#buckets[bucket]!
    if (before === node) this.#buckets[bucket] = next
    else {
      while (rows.get(before, nextField) !== node) before = rows.get(before, nextField)
      rows.set(before, nextField, next)
    }
    rows.set(node, nextField, removed)
  }

  /** Gives its memory back at once; it is not to be used any more. */
  release(): void {
    this.#rows.release()
    for (const page of this.#names) page.buffer.transfer(0)
    this.#buckets.buffer.transfer(0)
  }

  parent(node: number): number {
    return this.#rows.get(node, parentField)
  }

  /** All that were not removed, each directory before what it holds, names in byte order; takes 8 bytes for each. */
  *inTreeOrder(): Generator<number> {
    const [starts, nodes] = this.#byParent()
    yield 0
    const path = [{ at: starts[0]!, end: starts[1]! }]
    while (path.length > 0) {
      const here = path.at(-1)!
      if (here.at === here.end) {
        path.pop()
        continue
      }
      const node = nodes[here.at++]!
      yield node
      if (starts[node] !== starts[node + 1]) path.push({ at: starts[node]!, end: starts[node + 1]! })
    }
  }

  /** The nodes grouped by their directories, sorted by name; and where the group of each directory begins. */
  #byParent(): [starts: Int32Array, nodes: Int32Array] {
    const rows = this.#rows
    const starts = new Int32Array(this.count + 1)
    const stands = (node: number) => rows.get(node, nextField) !== removed
    for (let node = 1; node < this.count; node++) if (stands(node)) starts[this.parent(node)]!++
    let sum = 0
    for (let node = 0; node <= this.count; node++) starts[node] = sum += starts[node]!
    const nodes = new Int32Array(sum)
    for (let node = this.count - 1; node > 0; node--) if (stands(node)) nodes[--starts[this.parent(node)]!] = node
    for (let node = 0; node < this.count; node++) {
      nodes.subarray(starts[node], starts[node + 1]).sort((a, b) => this.#compareNames(a, b))
    }
    return [starts, nodes]
  }

  #compareNames(a: number, b: number): number {
    const [pageA, pageB] = [this.#pageOf(a), this.#pageOf(b)]
    let [i, j] = [this.#placeOf(a), this.#placeOf(b)]
    while (pageA[i] === pageB[j] && pageA[i] !== 0) {
      i++
      j++
    }
    return pageA[i]! - pageB[j]!
  }

  pathOf(node: number): ByteString {
    let length = -1
    for (let at = node; at !== 0; at = this.parent(at)) length += 1 + this.#nameLength(at)
    if (length <= 0) return ''
    if (length > this.#path.length) this.#path = Buffer.alloc(length * 2)
    let end = length
    for (let at = node; at !== 0; at = this.parent(at)) {
      const [page, from] = [this.#pageOf(at), this.#placeOf(at)]
      for (let i = from + this.#nameLength(at) - 1; i >= from; i--) this.#path[--end] = page[i]!
      if (end > 0) this.#path[--end] = slash
    }
    return this.#path.toString('latin1', 0, length)
  }

  /** Whether a node's path is `path`. */
  isAt(node: number, path: ByteString): boolean {
    if (node === 0) return path === ''
    let end = path.length
    for (let at = node; at !== 0; at = this.parent(at)) {
      const start = end - this.#nameLength(at)
      const first = this.parent(at) === 0
      if (first ? start !== 0 : path.charCodeAt(start - 1) !== slash) return false
      if (!this.#isNamed(at, path, start, end)) return false
      end = start - 1
    }
    return true
  }

  #pageOf(node: number): Uint8Array {
    return this.#names[this.#rows.get(node, nameField) >>> pageBits]!
  }

  #placeOf(node: number): number {
    return this.#rows.get(node, nameField) & (pageSize - 1)
  }

  #nameLength(node: number): number {
    const from = this.#placeOf(node)
    return this.#pageOf(node).indexOf(0, from) - from
  }

  #isNamed(node: number, path: ByteString, start: number, end: number): boolean {
    const name = this.#rows.get(node, nameField)
    const page = this.#names[name >>> pageBits]!
    const from = name & (pageSize - 1)
    for (let i = start; i < end; i++) if (page[from + i - start] !== path.charCodeAt(i)) return false
    return page[from + end - start] === 0
  }

  #bucketOf(parent: number, path: ByteString, start: number, end: number): number {
    let hash = this.#hashOf(parent)
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ path.charCodeAt(i), hashPrime)
    return this.#bucket(hash)
  }

  #bucketOfNode(node: number): number {
    const page = this.#pageOf(node)
    let hash = this.#hashOf(this.parent(node))
    for (let i = this.#placeOf(node); page[i] !== 0; i++) hash = Math.imul(hash ^ page[i]!, hashPrime)
    return this.#bucket(hash)
  }

  /** What the hash of a name begins with: FNV-1a, with the parent mixed in. */
  #hashOf(parent: number): number {
    return Math.imul(parent ^ this.#seed, 0x9e3779b1)
  }

  #bucket(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1)
  }

  #storeName(path: ByteString, start: number, end: number): number {
    const length = end - start + 1
    if (this.#namesEnd + length > pageSize) {
      if (this.#names.length === mostPages) throw new IngotError('limit', 'a tree with more than 2 GiB of names')
      this.#names.push(new Uint8Array(Math.max(pageSize, length)))
      this.#namesEnd = 0
    }
    const page = this.#names.at(-1)!
    const from = this.#namesEnd
    for (let i = start; i < end; i++) page[from + i - start] = path.charCodeAt(i)
    this.#namesEnd += length
    return ((this.#names.length - 1) << pageBits) + from
  }

  #enterBucket(node: number, bucket: number): void {
    this.#rows.set(node, nextField, this.#buckets[bucket]!)
    this.#buckets[bucket] = node
  }

  #growBuckets(): void {
    const buckets = this.#buckets.length * 2
    this.#buckets.buffer.transfer(0)
    this.#buckets = new Int32Array(buckets).fill(nowhere)
    for (let node = 0; node < this.count; node++) {
      if (this.#rows.get(node, nextField) !== removed) this.#enterBucket(node, this.#bucketOfNode(node))
    }
  }
}
