import type { ByteString } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { attributesStamp } from './attributes-stamp.ts'
import { IrregularTree } from './irregular-tree.ts'
import { directory, NodeTable, nowhere, other } from './node-table.ts'
import { parseWhiteout } from './whiteout.ts'

/** The place of a whiteout in its layer: it has none. */
const hidden = -1

/**
 * What layers above leave to be seen of the layers below, as they are gone through from the top down. Each entry's parent must come
 * before it in its own layer as a directory: then no lower layer can turn its path elsewhere. Where that is not so, or a layer is in
 * disorder, IrregularTree is thrown.
 */
export class Uncovered {
  readonly #nodes = new NodeTable({ children: false })
  /** Directories below which only layers from this one up are seen. */
  readonly #closed = new Map<number, number>()
  /** The file behind a further name. */
  readonly #files = new Map<number, number>()
  /** Directories that the present layer has entries for, seen or not. */
  #folders = new Set<ByteString>()
  #layer = 0
  #subject = ''
  #whiteouts = false
  #ordinal = 0
  /** The parent that was looked up last. */
  #parent: { readonly path: ByteString; readonly node: number } = { path: '', node: 0 }

  /** Goes down to a layer. */
  enter(layer: Layer, index: number): void {
    this.#layer = index
    this.#subject = layer.name
    this.#whiteouts = layer.whiteouts
    this.#folders = new Set([''])
    this.#ordinal = 0
    this.#parent = { path: '', node: this.#closedTo(0) ? nowhere : 0 }
  }

  /** Takes the layer's next entry; gives it as it is to be seen in the flattened tree, or undefined. */
  take<T extends EntryHeader>(entry: T): T | undefined {
    const ordinal = this.#ordinal++
    const { path, type } = entry
    if (path === '') {
      if (ordinal > 0) throw this.#irregular()
      return undefined
    }
    if (this.#whiteouts && this.#applyWhiteout(path)) return undefined
    const end = parentEnd(path)
    const folder = this.#folder(path, end)
    const start = end === 0 ? 0 : end + 1
    if (type === 'directory') return this.#takeDirectory(entry, folder, start, ordinal)
    if (this.#folders.has(path)) throw this.#irregular()
    if (folder === nowhere) return undefined
    const node = this.#cover(folder, path, start, ordinal)
    if (node === nowhere) return undefined
    this.#nodes.stamp(node, attributesStamp(entry))
    return type === 'hardlink' ? this.#linked(entry, node) : entry
  }

  #takeDirectory<T extends EntryHeader>(entry: T, folder: number, start: number, ordinal: number): T | undefined {
    const nodes = this.#nodes
    const { path } = entry
    if (this.#folders.has(path)) throw this.#irregular()
    this.#folders.add(path)
    if (folder === nowhere) return undefined
    const there = nodes.child(folder, path, start, path.length)
    if (there !== nowhere) {
      if (nodes.kind(there) === directory || nodes.layer(there) !== this.#layer) return undefined
      if (nodes.ordinal(there) !== hidden) throw this.#irregular()
      nodes.remove(there)
    }
    const node = nodes.create(folder, path, start, path.length, directory, this.#layer, ordinal)
    if (there !== nowhere) this.#close(node)
    return entry
  }

  /** Covers the name of something that is no directory for the layers below; the node when it is to be seen itself, else nowhere. */
  #cover(folder: number, path: ByteString, start: number, ordinal: number): number {
    const nodes = this.#nodes
    const there = nodes.child(folder, path, start, path.length)
    if (there === nowhere) return nodes.create(folder, path, start, path.length, other, this.#layer, ordinal)
    if (nodes.kind(there) === directory) this.#close(there)
    else if (nodes.layer(there) === this.#layer) {
      if (nodes.ordinal(there) !== hidden) throw this.#irregular()
      nodes.place(there, this.#layer, ordinal)
      return there
    }
    return nowhere
  }

  /** A further name: its file must have been seen in this layer, with the same attributes. */
  #linked<T extends EntryHeader>(entry: T, node: number): T {
    const nodes = this.#nodes
    const { linkTarget } = entry
    const target = this.#find(linkTarget)
    const seen =
      target !== nowhere && target !== node && nodes.kind(target) === other && nodes.layer(target) === this.#layer
    if (!seen || nodes.ordinal(target) === hidden || nodes.stampOf(target) !== nodes.stampOf(node)) {
      throw this.#irregular()
    }
    const file = this.#files.get(target) ?? target
    this.#files.set(node, file)
    return file === target ? entry : { ...entry, linkTarget: nodes.pathOf(file) }
  }

  /** True when the entry is a whiteout, or for nobody. They reach the layers below only. */
  #applyWhiteout(path: ByteString): boolean {
    const whiteout = parseWhiteout(path, this.#subject)
    if (whiteout === undefined) return false
    if (whiteout.kind === 'opaque') {
      if (!this.#folders.has(whiteout.path)) throw this.#irregular()
      const folder = this.#find(whiteout.path)
      if (folder !== nowhere && this.#nodes.kind(folder) === directory) this.#close(folder)
    } else if (whiteout.kind === 'whiteout') {
      const end = parentEnd(whiteout.path)
      const folder = this.#folder(whiteout.path, end)
      if (folder !== nowhere) this.#hide(folder, whiteout.path, end === 0 ? 0 : end + 1)
    }
    return true
  }

  #hide(folder: number, path: ByteString, start: number): void {
    const there = this.#nodes.child(folder, path, start, path.length)
    if (there === nowhere) this.#nodes.create(folder, path, start, path.length, other, this.#layer, hidden)
    else if (this.#nodes.kind(there) === directory) this.#close(there)
  }

  /** The directory `path[0..end)`, or nowhere when this layer's part of it is covered. */
  #folder(path: ByteString, end: number): number {
    const { path: last, node } = this.#parent
    if (last.length === end && path.startsWith(last)) return node
    const folder = path.slice(0, end)
    if (!this.#folders.has(folder)) throw this.#irregular()
    const found = this.#find(folder)
    const visible = found !== nowhere && this.#nodes.kind(found) === directory && !this.#closedTo(found)
    this.#parent = { path: folder, node: visible ? found : nowhere }
    return this.#parent.node
  }

  /** The node at a path, or nowhere when there is none, or it is covered by a layer above. */
  #find(path: ByteString): number {
    const nodes = this.#nodes
    let at = 0
    for (let start = 0; start < path.length; ) {
      if (nodes.kind(at) !== directory || this.#closedTo(at)) return nowhere
      const slash = path.indexOf('/', start)
      const end = slash < 0 ? path.length : slash
      at = nodes.child(at, path, start, end)
      if (at === nowhere) return nowhere
      start = end + 1
    }
    return at
  }

  #close(folder: number): void {
    if (!this.#closed.has(folder)) this.#closed.set(folder, this.#layer)
  }

  #closedTo(folder: number): boolean {
    return (this.#closed.get(folder) ?? 0) > this.#layer
  }

  #irregular(): IrregularTree {
    return new IrregularTree(this.#subject)
  }
}

function parentEnd(path: ByteString): number {
  return Math.max(0, path.lastIndexOf('/'))
}
