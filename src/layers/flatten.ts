import { compareBytes } from '../image/bytes.ts'
import { emptyBody, type Entry, type EntryHeader, type EntryStream, makeHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { buildTree } from './build-tree.ts'
import { entriesLayer } from './entries-layer.ts'
import { type Inode, pathOf, type Tree, type TreeNode } from './tree.ts'

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
    const tree = await buildTree(layers, options)
    const survivors = listSurvivors(tree, layers.length)
    yield* emitParents(tree.root)
    for (const [index, layer] of layers.entries()) yield* emitLayer(layer, survivors[index]!)
    yield* emitRest(tree.root)
  }
  return entriesLayer(name, entries, { canonical: true })
}

type Survivor = TreeNode | Inode

/** For each layer, what survives of it, by place. */
function listSurvivors(tree: Tree, layers: number): Survivor[][] {
  const lists: Survivor[][] = Array.from({ length: layers }, () => [])
  const stack: TreeNode[] = [tree.root]
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.inode) {
      node.inode.names.push(node)
      lists[node.inode.layer]![node.inode.ordinal] = node.inode
    } else if (node.ordinal >= 0) {
      lists[node.layer]![node.ordinal] = node
    }
    if (node.children) for (const child of node.children.values()) stack.push(child)
  }
  return lists
}

/** The layer is read to its end even when nothing is left to take: only then are its promises checked. */
async function* emitLayer(layer: Layer, survivors: readonly Survivor[]): EntryStream {
  let ordinal = -1
  for await (const entry of layer.entries()) {
    ordinal++
    const survivor = survivors[ordinal]
    if (survivor === undefined) continue
    if ('names' in survivor) yield* emitNames(entry, survivor)
    else if (!survivor.emitted) {
      yield* emitParents(survivor.parent)
      survivor.emitted = true
      yield { ...entry, path: pathOf(survivor) }
    }
  }
  if (survivors.length > ordinal + 1) {
    throw new IngotError('corrupt', `${layer.name}: it changed while it was read`)
  }
}

async function* emitNames(entry: Entry, inode: Inode): EntryStream {
  for (const node of inode.names) yield* emitParents(node.parent)
  const [first, ...others] = inode.names.map(pathOf).sort(compareBytes)
  yield { ...entry, path: first! }
  for (const path of others) yield linkEntry(entry, path, first!)
}

/** A hard link to an entry that came before, with its attributes. */
export function linkEntry(header: EntryHeader, path: string, target: string): Entry {
  const { type: _, size: __, sparse: ___, devMajor: ____, devMinor: _____, ...rest } = header
  return { ...rest, type: 'hardlink', path, linkTarget: target, size: 0, devMajor: 0, devMinor: 0, body: emptyBody }
}

function* emitParents(folder: TreeNode | undefined): Generator<Entry> {
  if (!folder || folder.emitted) return
  yield* emitParents(folder.parent)
  folder.emitted = true
  yield directoryEntry(folder)
}

function* emitRest(folder: TreeNode): Generator<Entry> {
  for (const child of folder.children!.values()) {
    if (child.kind !== 'directory') continue
    yield* emitParents(child)
    yield* emitRest(child)
  }
}

/** A directory with what its entry says; one that no entry made is root's, 0755, with time 0. */
export function directoryEntry(node: TreeNode): Entry {
  const path = pathOf(node)
  return { ...(node.header ?? makeHeader({ path, type: 'directory' })), path, body: emptyBody }
}
