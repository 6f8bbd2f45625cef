import type { ByteString } from '../image/bytes.ts'
import type { Entry, EntryStream } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { attributesStamp } from './attributes-stamp.ts'
import { entriesLayer } from './entries-layer.ts'
import { directoryEntry } from './flatten.ts'
import { IrregularTree } from './irregular-tree.ts'
import { type Added, type Inode, Tree } from './tree.ts'

/**
 * The canonical form of a single tree in one reading, entry for entry what `flatten` gives: parents are added where they are missing,
 * and what lies beyond a symlink is put where it leads inside the root. Throws IrregularTree, perhaps after many entries, when one
 * reading is not enough: a path comes twice, a file stands in a directory's place, a hard link comes before its target or says
 * something else about it. `flatten` can do those, and whiteouts.
 */
export function canonicalInOneReading(layer: Layer): Layer {
  if (layer.canonical) return layer
  async function* entries(): EntryStream {
    if (layer.whiteouts) throw new IrregularTree(layer.name)
    const tree = new Tree({ pathsOnly: true })
    const files = new Map<Inode, ByteString>()
    try {
      let ordinal = 0
      for await (const entry of layer.entries()) {
        if (ordinal === 0 && entry.path !== '') yield directoryEntry(tree, 0)
        if (ordinal > 0 && entry.path === '') throw new IrregularTree(layer.name)
        const link = entry.type === 'hardlink'
        const added = link ? tree.addLink(entry, 0, ordinal, layer.name) : tree.add(entry, 0, ordinal, layer.name)
        if (!added || added.replaced) throw new IrregularTree(layer.name)
        if (entry.type !== 'directory') tree.nodes.stamp(added.node, attributesStamp(entry))
        ordinal++
        for (const folder of added.made) yield directoryEntry(tree, folder)
        yield link ? linked(entry, added, tree, files, layer.name) : placed(entry, added, tree)
      }
      if (ordinal === 0) yield directoryEntry(tree, 0)
    } finally {
      tree.nodes.release() // a comparison reads another tree right after this one
    }
  }
  return entriesLayer(layer.name, entries, { canonical: true })
}

function placed(entry: Entry, { node }: Added, { nodes }: Tree): Entry {
  return nodes.isAt(node, entry.path) ? entry : { ...entry, path: nodes.pathOf(node) }
}

/** A further name, as a link to the first one. */
function linked(entry: Entry, added: Added, tree: Tree, files: Map<Inode, ByteString>, subject: string): Entry {
  const { nodes, inodes } = tree
  const target = tree.find(entry.linkTarget, subject)!
  if (nodes.stampOf(target) !== nodes.stampOf(added.node)) throw new IrregularTree(subject)
  const inode = inodes.get(target)!
  const file = files.get(inode) ?? nodes.pathOf(target)
  files.set(inode, file)
  const own = placed(entry, added, tree)
  return file === own.linkTarget ? own : { ...own, linkTarget: file }
}
