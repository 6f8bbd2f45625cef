import { compareBytes } from '../image/bytes.ts'
import { type Entry, type EntryHeader, type EntryStream, emptyBody, makeHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { type BuiltTree, buildTree } from './build-tree.ts'
import { entriesLayer } from './entries-layer.ts'
import { directory } from './node-table.ts'
import type { Inode, Tree } from './tree.ts'

/** Makes one canonical tree of an image's layers, bottom first; `name` is for messages. */
export type Flatten = (layers: readonly Layer[], name: string) => Layer

export interface FlattenOptions {
  /** A directory's entry over a symlink to a directory leaves the symlink, as Incus unpacks. Default: it replaces it, as Docker does. */
  readonly keepDirlinks?: boolean
}

/**
 * One layer with the tree that `layers` (bottom first) make together (OCI image-spec layer.md): canonical, without whiteouts,
 * hard links intact. Reads headers of all layers first, then contents; every promise of every layer is checked in the second
 * reading. Gives a canonical single layer back as it is. What the upper layers have comes first, in stored order as far as
 * that is canonical: the order depends on the layers only.
 */
export function flatten(layers: readonly Layer[], name = 'image', options: FlattenOptions = {}): Layer {
  if (layers.length === 1 && layers[0]!.canonical && !layers[0]!.whiteouts) return layers[0]!
  async function* entries(): EntryStream {
    const survivors = new Survivors(await buildTree(layers, options))
    yield survivors.root()
    for (const [index, layer] of [...layers.entries()].reverse()) {
      let ordinal = 0
      // The layer is read to its end even when nothing is left to take: only then are its promises checked.
      for await (const entry of layer.entries()) {
        const node = survivors.at(index, ordinal++)
        if (node === 0) continue
        for (const placed of survivors.place(node, entry)) yield placed
      }
      if (ordinal !== survivors.count(index)) {
        throw new IngotError('corrupt', `${layer.name}: it changed while it was read`)
      }
    }
    for (const folder of survivors.rest()) yield folder
  }
  return entriesLayer(name, entries, { canonical: true })
}

/** What is left of the layers' entries, and which directories and files have been given. */
class Survivors {
  readonly #tree: Tree
  /** For each layer, the node that an entry makes, by the entry's place; 0 when none is left. */
  readonly #places: readonly Int32Array[]
  /** The names that are left of files that have, or had, several. */
  readonly #names = new Map<Inode, number[]>()
  /** Those of them that have been given: the header, under the name that links lead to. */
  readonly #files = new Map<Inode, EntryHeader>()
  readonly #given: Uint8Array

  constructor({ tree, counts }: BuiltTree) {
    this.#tree = tree
    this.#places = counts.map((count) => new Int32Array(count))
    this.#given = new Uint8Array(tree.nodes.count)
    for (const node of tree.subtree(0)) {
      const ordinal = tree.nodes.ordinal(node)
      if (ordinal >= 0) this.#places[tree.nodes.layer(node)]![ordinal] = node
      const inode = tree.inodes.get(node)
      if (!inode) continue
      const names = this.#names.get(inode)
      if (names) names.push(node)
      else this.#names.set(inode, [node])
    }
    for (const [inode, names] of this.#names) this.#places[inode.layer]![inode.ordinal] = this.#mainName(inode, names)
  }

  count(layer: number): number {
    return this.#places[layer]!.length
  }

  at(layer: number, ordinal: number): number {
    return this.#places[layer]![ordinal] ?? 0
  }

  root(): Entry {
    this.#given[0] = 1
    return directoryEntry(this.#tree, 0)
  }

  /** All that is to be given when a node's entry comes by: missing parents, it, and names of it whose own entries came too early. */
  place(node: number, entry: Entry): readonly Entry[] {
    const { nodes, inodes } = this.#tree
    if (this.#given[node] === 1) return []
    const inode = inodes.get(node)
    if (inode && entry.type === 'hardlink') {
      const file = this.#files.get(inode)
      return file ? [...this.#parents(node), this.#link(node, file)] : []
    }
    this.#given[node] = 1
    const own = nodes.isAt(node, entry.path) ? entry : { ...entry, path: nodes.pathOf(node) }
    if (inode) return [...this.#parents(node), own, ...this.#earlyNames(inode, own)]
    return this.#given[nodes.parent(node)] === 1 ? [own] : [...this.#parents(node), own]
  }

  /** Directories that are not given yet: those that hold nothing and have no entry of their own. */
  rest(): Entry[] {
    const { nodes } = this.#tree
    const left: Entry[] = []
    for (const node of this.#tree.subtree(0)) {
      if (nodes.kind(node) === directory && this.#given[node] === 0) left.push(directoryEntry(this.#tree, node))
    }
    return left.sort((a, b) => compareBytes(a.path, b.path))
  }

  /** The name that a file is given under: its own when that is left, else the first in byte order. */
  #mainName({ layer, ordinal }: Inode, names: readonly number[]): number {
    const { nodes } = this.#tree
    const own = names.find((node) => nodes.layer(node) === layer && nodes.ordinal(node) === ordinal)
    return own ?? names.reduce((a, b) => (compareBytes(nodes.pathOf(a), nodes.pathOf(b)) < 0 ? a : b))
  }

  /** Links for those names of a file whose own entries are read before the file's, or stood in place of it; others follow later. */
  #earlyNames(inode: Inode, file: EntryHeader): Entry[] {
    const { nodes } = this.#tree
    this.#files.set(inode, file)
    const early = this.#names.get(inode)!.filter((node) => {
      const layer = nodes.layer(node)
      return (
        this.#given[node] === 0 &&
        (layer > inode.layer || (layer === inode.layer && nodes.ordinal(node) < inode.ordinal))
      )
    })
    const sorted = early
      .map((node) => ({ node, path: nodes.pathOf(node) }))
      .sort((a, b) => compareBytes(a.path, b.path))
    return sorted.flatMap(({ node }) => [...this.#parents(node), this.#link(node, file)])
  }

  #link(node: number, file: EntryHeader): Entry {
    this.#given[node] = 1
    return linkEntry(file, this.#tree.nodes.pathOf(node), file.path)
  }

  /** The directories above a node that are not given yet, top first. */
  #parents(node: number): Entry[] {
    const missing: Entry[] = []
    for (let at = this.#tree.nodes.parent(node); this.#given[at] === 0; at = this.#tree.nodes.parent(at)) {
      this.#given[at] = 1
      missing.push(directoryEntry(this.#tree, at))
    }
    return missing.reverse()
  }
}

/** A hard link to an entry that came before, with its attributes. */
export function linkEntry(header: EntryHeader, path: string, target: string): Entry {
  const { sparse: _, ...rest } = header
  return { ...rest, type: 'hardlink', path, linkTarget: target, size: 0, devMajor: 0, devMinor: 0, body: emptyBody }
}

/** A directory with what its entry says; one that no entry made is root's, 0755, with time 0. */
export function directoryEntry(tree: Tree, node: number): Entry {
  const path = tree.nodes.pathOf(node)
  return { ...makeHeader({ path, type: 'directory', ...tree.folders.get(node) }), body: emptyBody }
}
