import type { ByteString } from '../image/bytes.ts'
import { NameTable, nowhere } from './name-table.ts'
import { Rows } from './rows.ts'

export { nowhere } from './name-table.ts'

export const gone = 0
export const directory = 1
export const symlink = 2
export const other = 3
export type NodeKind = typeof gone | typeof directory | typeof symlink | typeof other

// Fields of a node's row.
/** The layer, above two bits of kind. */
const layerField = 0
const ordinalField = 1
const stampField = 2
const kindBits = 2
const kindMask = (1 << kindBits) - 1
// Fields of its row in the lists of children.
const firstChildField = 0
const siblingField = 1

/**
 * The nodes of a tree by number, outside of the garbage-collected heap: a tree of a million paths takes about 55 MB here, 65 with
 * lists of children, and took five times that as objects. Node 0 is the root directory. Numbers are never used again.
 */
export class NodeTable extends NameTable {
  readonly #rows = new Rows(3)
  readonly #lists: Rows | undefined

  /** `children`: they will be asked for. */
  constructor(options: { readonly children: boolean }) {
    super()
    if (options.children) this.#lists = new Rows(2)
    this.#add(0, directory, -1, -1)
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
    const node = this.addName(parent, path, start, end)
    this.#add(node, kind, layer, ordinal)
    this.#lists?.set(node, siblingField, this.#lists.get(parent, firstChildField))
    this.#lists?.set(parent, firstChildField, node)
    return node
  }

  override release(): void {
    super.release()
    this.#rows.release()
    this.#lists?.release()
  }

  /** Takes a node, and with it all that lies below, out of the tree. */
  remove(node: number): void {
    this.removeName(node)
    this.#rows.set(node, layerField, gone)
  }

  /** Those that are not gone, the last made first. Forgets the others. */
  children(folder: number): number[] {
    const rows = this.#lists!
    const live: number[] = []
    for (let node = rows.get(folder, firstChildField); node !== nowhere; node = rows.get(node, siblingField)) {
      if (this.kind(node) !== gone) live.push(node)
    }
    let [before, field] = [folder, firstChildField]
    for (const node of live) {
      rows.set(before, field, node)
      ;[before, field] = [node, siblingField]
    }
    rows.set(before, field, nowhere)
    return live
  }

  kind(node: number): NodeKind {
    return (this.#rows.get(node, layerField) & kindMask) as NodeKind
  }

  /** The index of the layer that made a node, or gave it its attributes. */
  layer(node: number): number {
    return this.#rows.get(node, layerField) >> kindBits
  }

  /** The place of a node's entry in its layer; −1 when no entry made it. */
  ordinal(node: number): number {
    return this.#rows.get(node, ordinalField)
  }

  /** Notes a number about a node. */
  stamp(node: number, stamp: number): void {
    this.#rows.set(node, stampField, stamp)
  }

  stampOf(node: number): number {
    return this.#rows.get(node, stampField)
  }

  place(node: number, layer: number, ordinal: number): void {
    this.#rows.set(node, layerField, (layer << kindBits) | this.kind(node))
    this.#rows.set(node, ordinalField, ordinal)
  }

  #add(node: number, kind: NodeKind, layer: number, ordinal: number): void {
    this.#rows.add()
    this.#rows.set(node, layerField, kind)
    this.#lists?.add()
    this.#lists?.set(node, firstChildField, nowhere)
    this.#lists?.set(node, siblingField, nowhere)
    this.place(node, layer, ordinal)
  }
}
