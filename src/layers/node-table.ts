import type { ByteString } from '../image/bytes.ts'
import { IngotError } from '../image/error.ts'

export const gone = 0
export const directory = 1
export const symlink = 2
export const other = 3
export type NodeKind = typeof gone | typeof directory | typeof symlink | typeof other

/** What look-ups give where there is nothing. */
export const nowhere = -1

// Fields of a node's row.
const rowLength = 9
const parentField = 0
const layerField = 1
const ordinalField = 2
/** Where the name begins among all names; it ends where the next node's begins. */
const nameField = 3
const hashField = 4
/** The next node in the same bucket. */
const nextField = 5
const firstChildField = 6
const siblingField = 7
const stampField = 8

/**
 * The nodes of a tree by number, in rows outside of the garbage-collected heap: a tree of a million paths takes about
 * 70 MB here, and took five times that as objects. Node 0 is the root directory. Numbers are never used again.
 */
export class NodeTable {
  /** How many nodes were ever made. */
  count = 0
  #rows = new Int32Array(0)
  #kinds = new Uint8Array(0)
  #buckets = new Int32Array(0)
  #names: Buffer = Buffer.alloc(1 << 16)
  #nameBytes = 0
  /** Where paths are put together. */
  #path: Buffer = Buffer.alloc(4096)
  /** Another in each process, so that nobody can choose names that all fall into one bucket. */
  readonly #seed = Math.floor(Math.random() * 0x100000000) | 0

  constructor() {
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
    if (this.count === this.#kinds.length) this.#grow()
    const node = this.count++
    const row = node * rowLength
    const rows = this.#rows
    rows[row + parentField] = parent
    rows[row + layerField] = layer
    rows[row + ordinalField] = ordinal
    rows[row + nameField] = this.#addName(path, start, end)
    rows[row + hashField] = this.#hashOf(parent, path, start, end)
    rows[row + firstChildField] = nowhere
    this.#kinds[node] = kind
    this.#enterBucket(node)
    if (parent !== nowhere) {
      const sibling = parent * rowLength + firstChildField
      rows[row + siblingField] = rows[sibling]!
      rows[sibling] = node
    }
    return node
  }

  /** The node named `path[start..end)` in a directory, or nowhere. */
  child(parent: number, path: ByteString, start: number, end: number): number {
    const hash = this.#hashOf(parent, path, start, end)
    const rows = this.#rows
    let node = this.#buckets[hash & (this.#buckets.length - 1)]!
    while (node !== nowhere) {
      const row = node * rowLength
      const same = rows[row + hashField] === hash && rows[row + parentField] === parent
      if (same && this.#isNamed(node, path, start, end)) return node
      node = rows[row + nextField]!
    }
    return nowhere
  }

  /** Takes a node, and with it all that lies below, out of the tree. */
  remove(node: number): void {
    const bucket = this.#get(node, hashField) & (this.#buckets.length - 1)
    const next = this.#get(node, nextField)
    let before = this.#buckets[bucket]!
    if (before === node) this.#buckets[bucket] = next
    else {
      while (this.#get(before, nextField) !== node) before = this.#get(before, nextField)
      this.#rows[before * rowLength + nextField] = next
    }
    this.#kinds[node] = gone
  }

  /** Those that are not gone, the last made first. Forgets the others. */
  children(folder: number): number[] {
    const live: number[] = []
    let link = folder * rowLength + firstChildField
    for (let node = this.#rows[link]!; node !== nowhere; node = this.#get(node, siblingField)) {
      if (this.#kinds[node] === gone) continue
      live.push(node)
      this.#rows[link] = node
      link = node * rowLength + siblingField
    }
    this.#rows[link] = nowhere
    return live
  }

  kind(node: number): NodeKind {
    return this.#kinds[node] as NodeKind
  }

  parent(node: number): number {
    return this.#get(node, parentField)
  }

  /** The index of the layer that made a node, or gave it its attributes. */
  layer(node: number): number {
    return this.#get(node, layerField)
  }

  /** The place of a node's entry in its layer; −1 when no entry made it. */
  ordinal(node: number): number {
    return this.#get(node, ordinalField)
  }

  /** Notes a number about a node. */
  stamp(node: number, stamp: number): void {
    this.#rows[node * rowLength + stampField] = stamp
  }

  stampOf(node: number): number {
    return this.#get(node, stampField)
  }

  place(node: number, layer: number, ordinal: number): void {
    this.#rows[node * rowLength + layerField] = layer
    this.#rows[node * rowLength + ordinalField] = ordinal
  }

  pathOf(node: number): ByteString {
    let length = -1
    for (let at = node; at !== 0; at = this.parent(at)) length += 1 + this.#nameEnd(at) - this.#get(at, nameField)
    if (length <= 0) return ''
    if (length > this.#path.length) this.#path = Buffer.alloc(length * 2)
    let end = length
    for (let at = node; at !== 0; at = this.parent(at)) {
      for (let from = this.#nameEnd(at) - 1; from >= this.#get(at, nameField); from--)
        this.#path[--end] = this.#names[from]!
      if (end > 0) this.#path[--end] = slash
    }
    return this.#path.toString('latin1', 0, length)
  }

  /** Whether a node's path is `path`. */
  isAt(node: number, path: ByteString): boolean {
    if (node === 0) return path === ''
    let end = path.length
    for (let at = node; at !== 0; at = this.parent(at)) {
      const start = end - (this.#nameEnd(at) - this.#get(at, nameField))
      const first = this.parent(at) === 0
      if (first ? start !== 0 : path.charCodeAt(start - 1) !== slash) return false
      if (!this.#isNamed(at, path, start, end)) return false
      end = start - 1
    }
    return true
  }

  #get(node: number, field: number): number {
    return this.#rows[node * rowLength + field]!
  }

  #nameEnd(node: number): number {
    return node + 1 === this.count ? this.#nameBytes : this.#get(node + 1, nameField)
  }

  #isNamed(node: number, path: ByteString, start: number, end: number): boolean {
    const from = this.#get(node, nameField)
    if (this.#nameEnd(node) - from !== end - start) return false
    for (let i = start; i < end; i++) if (this.#names[from + i - start] !== path.charCodeAt(i)) return false
    return true
  }

  /** FNV-1a over the name, with the parent mixed in. */
  #hashOf(parent: number, path: ByteString, start: number, end: number): number {
    let hash = Math.imul(parent ^ this.#seed, 0x9e3779b1)
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
    return hash ^ (hash >>> 15)
  }

  #addName(path: ByteString, start: number, end: number): number {
    const from = this.#nameBytes
    this.#nameBytes += end - start
    if (this.#nameBytes > mostNameBytes)
      throw new IngotError('limit', `a tree with more than ${mostNameBytes} bytes of names`)
    if (this.#nameBytes > this.#names.length) {
      const names = Buffer.alloc(Math.ceil(this.#nameBytes * growth))
      names.set(this.#names)
      this.#names = names
    }
    for (let i = start; i < end; i++) this.#names[from + i - start] = path.charCodeAt(i)
    return from
  }

  #enterBucket(node: number): void {
    const bucket = this.#get(node, hashField) & (this.#buckets.length - 1)
    this.#rows[node * rowLength + nextField] = this.#buckets[bucket]!
    this.#buckets[bucket] = node
  }

  #grow(): void {
    const capacity = Math.max(1 << 10, Math.ceil(this.count * growth))
    const rows = new Int32Array(capacity * rowLength)
    rows.set(this.#rows)
    this.#rows = rows
    const kinds = new Uint8Array(capacity)
    kinds.set(this.#kinds)
    this.#kinds = kinds
    if (capacity <= this.#buckets.length) return
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity))).fill(nowhere)
    for (let node = 0; node < this.count; node++) if (this.#kinds[node] !== gone) this.#enterBucket(node)
  }
}

const slash = 0x2f
const growth = 1.5
const mostNameBytes = 2 ** 31 - 1
