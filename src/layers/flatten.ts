import { compareBytes } from '../image/bytes.ts'
import { type Entry, type EntryHeader, type EntryStream, emptyBody, makeHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { type BuiltTree, buildTree } from './build-tree.ts'
import { entriesLayer } from './entries-layer.ts'
import { directory } from './node-table.ts'
import type { Inode, Tree } from './tree.ts'

export interface FlattenOptions {
  /** A directory's entry over a symlink to a directory leaves the symlink, as Incus unpacks. Default: it replaces it, as Docker does. */
  readonly keepDirlinks?: boolean
}

/**
 * One layer with the tree that `layers` (bottom first) make together (OCI image-spec layer.md): canonical, without whiteouts,
 * hard links intact. Reads headers of all layers first, then contents; every promise of every layer is checked in the second
 * reading. Gives a canonical single layer back as it is. The order of entries depends on the layers only.
 */
export function flatten(layers: readonly Layer[], name = 'image', options: FlattenOptions = {}): Layer {
  if (layers.length === 1 && layers[0]!.canonical && !layers[0]!.whiteouts) return layers[0]!
  async function* entries(): EntryStream {
    const survivors = new Survivors(await buildTree(layers, options))
    yield survivors.root()
    for (const [index, layer] of layers.entries()) {
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

/** What is left of the layers' entries, and which directories have been given. */
class Survivors {
  readonly #tree: Tree
  /** For each layer, the node that an entry makes, by the entry's place; 0 when none is left. */
  readonly #places: readonly Int32Array[]
  readonly #names = new Map<Inode, number[]>()
  readonly #given: Uint8Array

  constructor({ tree, counts }: BuiltTree) {
    this.#tree = tree
    this.#places = counts.map((count) => new Int32Array(count))
    this.#given = new Uint8Array(tree.nodes.count)
    for (const node of tree.subtree(0)) {
      const inode = tree.inodes.get(node)
      const { layer, ordinal } = inode ?? { layer: tree.nodes.layer(node), ordinal: tree.nodes.ordinal(node) }
      if (ordinal >= 0) this.#places[layer]![ordinal] = node
      if (!inode) continue
      const names = this.#names.get(inode)
      if (names) names.push(node)
      else this.#names.set(inode, [node])
    }
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

  /** All that is to be given when a node's own entry comes by: missing parents, it, and its other names. */
  place(node: number, entry: Entry): readonly Entry[] {
    const { nodes, inodes } = this.#tree
    const inode = inodes.get(node)
    const names = inode && this.#names.get(inode)!
    if (names && names.length > 1) return this.#placeNames(names, entry)
    if (nodes.kind(node) === directory) {
      if (this.#given[node] === 1) return []
      this.#given[node] = 1
    }
    const own = nodes.isAt(node, entry.path) ? entry : { ...entry, path: nodes.pathOf(node) }
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

  #placeNames(names: readonly number[], entry: Entry): Entry[] {
    const parents = names.flatMap((node) => this.#parents(node))
    const [first, ...others] = names.map((node) => this.#tree.nodes.pathOf(node)).sort(compareBytes)
    return [...parents, { ...entry, path: first! }, ...others.map((path) => linkEntry(entry, path, first!))]
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
  return { ...(tree.headers.get(node) ?? makeHeader({ path, type: 'directory' })), path, body: emptyBody }
}
