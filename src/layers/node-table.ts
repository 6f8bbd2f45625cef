import type { ByteString } from '../image/bytes.ts'

export const gone = 0
export const directory = 1
export const symlink = 2
export const other = 3
export type NodeKind = typeof gone | typeof directory | typeof symlink | typeof other

/** What look-ups give where there is nothing. */
export const nowhere = -1

/**
 * The nodes of a tree by number, in columns outside of the garbage-collected heap: a tree of a million paths takes about
 * 70 MB here, and took five times that as objects. Node 0 is the root directory. Numbers are never used again.
 */
export class NodeTable {
  /** How many nodes were ever made. */
  count = 0
  #kind = new Uint8Array(0)
  #parent = new Int32Array(0)
  #layer = new Int32Array(0)
  #ordinal = new Int32Array(0)
  /** Where the name begins in #names; it ends where the next node's begins. */
  #start = new Uint32Array(1)
  #hash = new Int32Array(0)
  /** The next node in the same bucket of #buckets, children and siblings: nowhere at the end. */
  #next = new Int32Array(0)
  #firstChild = new Int32Array(0)
  #sibling = new Int32Array(0)
  #buckets = new Int32Array(0)
  #names = new Uint8Array(1 << 16)
  /** Another in each process, so that nobody can choose names that all fall into one bucket. */
  readonly #seed = Math.floor(Math.random() * 0x100000000) | 0

  constructor() {
    this.#grow(1 << 10)
    this.create(nowhere, '', 0, 0, directory, -1, -1)
  }

  /** Makes a node named `path[start..end)`; its parent must have none of this name. */
  create(
    parent: number,
    path: ByteString,
    start: number,
    end: number,
    kind: NodeKind,
    layer: number,
    ordinal: number,
  ): number {
    if (this.count === this.#kind.length) this.#grow(Math.ceil(this.count * 1.5))
    const node = this.count++
    const hash = this.#hashOf(parent, path, start, end)
    this.#kind[node] = kind
    this.#parent[node] = parent
    this.#hash[node] = hash
    this.#firstChild[node] = nowhere
    this.place(node, layer, ordinal)
    this.#addName(node, path, start, end)
    this.#enterBucket(node)
    if (parent !== nowhere) {
      this.#sibling[node] = this.#firstChild[parent]!
      this.#firstChild[parent] = node
    }
    return node
  }

  /** The node named `path[start..end)` in a directory, or nowhere. */
  child(parent: number, path: ByteString, start: number, end: number): number {
    const hash = this.#hashOf(parent, path, start, end)
    let node = this.#buckets[hash & (this.#buckets.length - 1)]!
    while (node !== nowhere) {
      if (this.#hash[node] === hash && this.#parent[node] === parent && this.#isNamed(node, path, start, end)) return node
      node = this.#next[node]!
    }
    return nowhere
  }

  /** Takes a node, and with it all that lies below, out of the tree. */
  remove(node: number): void {
    const bucket = this.#hash[node]! & (this.#buckets.length - 1)
    let before = this.#buckets[bucket]!
    if (before === node) this.#buckets[bucket] = this.#next[node]!
    else {
      while (this.#next[before] !== node) before = this.#next[before]!
      this.#next[before] = this.#next[node]!
    }
    this.#kind[node] = gone
  }

  /** Those that are not gone, the last made first. */
  children(folder: number): number[] {
    const live: number[] = []
    let before = nowhere
    for (let node = this.#firstChild[folder]!; node !== nowhere; node = this.#sibling[node]!) {
      if (this.#kind[node] !== gone) {
        live.push(node)
        before = node
      } else if (before === nowhere) this.#firstChild[folder] = this.#sibling[node]!
      else this.#sibling[before] = this.#sibling[node]!
    }
    return live
  }

  kind(node: number): NodeKind {
    return this.#kind[node] as NodeKind
  }

  parent(node: number): number {
    return this.#parent[node]!
  }

  /** Where a node's entry stands: the layer's index, and the place in it (−1: no entry made this node). */
  layer(node: number): number {
    return this.#layer[node]!
  }

  ordinal(node: number): number {
    return this.#ordinal[node]!
  }

  place(node: number, layer: number, ordinal: number): void {
    this.#layer[node] = layer
    this.#ordinal[node] = ordinal
  }

  pathOf(node: number): ByteString {
    const names: ByteString[] = []
    for (let at = node; at !== 0; at = this.#parent[at]!) {
      const bytes = this.#names.subarray(this.#start[at]!, this.#start[at + 1]!)
      names.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).latin1Slice())
    }
    return names.reverse().join('/')
  }

  /** Whether a node's path is `path`, which must not end in `/`. */
  isAt(node: number, path: ByteString): boolean {
    let end = path.length
    for (let at = node; at !== 0; at = this.#parent[at]!) {
      const start = end - (this.#start[at + 1]! - this.#start[at]!)
      const last = this.#parent[at] === 0
      if (last ? start !== 0 : path.charCodeAt(start - 1) !== slash) return false
      if (!this.#isNamed(at, path, start, end)) return false
      end = start - 1
    }
    return node !== 0 || path === ''
  }

  #isNamed(node: number, path: ByteString, start: number, end: number): boolean {
    const from = this.#start[node]!
    if (this.#start[node + 1]! - from !== end - start) return false
    for (let i = start; i < end; i++) if (this.#names[from + i - start] !== path.charCodeAt(i)) return false
    return true
  }

  /** FNV-1a over the name, with the parent mixed in. */
  #hashOf(parent: number, path: ByteString, start: number, end: number): number {
    let hash = Math.imul(parent ^ this.#seed, 0x9e3779b1)
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
    return hash ^ (hash >>> 15)
  }

  #addName(node: number, path: ByteString, start: number, end: number): void {
    const from = this.#start[node]!
    const to = from + end - start
    if (to > this.#names.length) {
      const names = new Uint8Array(to * 2)
      names.set(this.#names)
      this.#names = names
    }
    for (let i = start; i < end; i++) this.#names[from + i - start] = path.charCodeAt(i)
    this.#start[node + 1] = to
  }

  #enterBucket(node: number): void {
    const bucket = this.#hash[node]! & (this.#buckets.length - 1)
    this.#next[node] = this.#buckets[bucket]!
    this.#buckets[bucket] = node
  }

  #grow(capacity: number): void {
    const columns = [this.#parent, this.#layer, this.#ordinal, this.#hash, this.#next, this.#firstChild, this.#sibling]
    const [parent, layer, ordinal, hash, next, firstChild, sibling] = columns.map((column) => resized(column, capacity))
    this.#parent = parent!
    this.#layer = layer!
    this.#ordinal = ordinal!
    this.#hash = hash!
    this.#next = next!
    this.#firstChild = firstChild!
    this.#sibling = sibling!
    const kind = new Uint8Array(capacity)
    kind.set(this.#kind)
    this.#kind = kind
    const start = new Uint32Array(capacity + 1)
    start.set(this.#start)
    this.#start = start
    if (capacity > this.#buckets.length) this.#rehash(2 ** Math.ceil(Math.log2(capacity)))
  }

  #rehash(buckets: number): void {
    this.#buckets = new Int32Array(buckets).fill(nowhere)
    for (let node = 0; node < this.count; node++) if (this.#kind[node] !== gone) this.#enterBucket(node)
  }
}

const slash = 0x2f

function resized(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(column)
  return larger
}
