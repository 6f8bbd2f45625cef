import type { Entry, EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { entriesLayer } from './entries-layer.ts'
import { directoryEntry } from './flatten.ts'
import { type Added, Tree } from './tree.ts'

/** A single tree whose entries are not in good order: it must be flattened, which reads it twice. */
export class IrregularTree extends IngotError {
  constructor(subject: string) {
    super('bad-input', `${subject}: a path comes twice, or a hard link before its target`)
  }
}

/**
 * The canonical form of a single tree in one reading: parents are added where they are missing, and what lies beyond a symlink is put
 * where it leads inside the root. Throws IrregularTree, perhaps after many entries, when one reading is not enough: a path comes
 * twice, a file stands in a directory's place, a hard link comes before its target. `flatten` can do those, and whiteouts.
 */
export function canonicalInOneReading(layer: Layer): Layer {
  if (layer.canonical) return layer
  async function* entries(): EntryStream {
    if (layer.whiteouts) throw new IrregularTree(layer.name)
    const tree = new Tree()
    let ordinal = 0
    for await (const entry of layer.entries()) {
      if (ordinal === 0 && entry.path !== '') yield directoryEntry(tree, 0)
      if (ordinal > 0 && entry.path === '') throw new IrregularTree(layer.name)
      const link = entry.type === 'hardlink'
      const added = link ? tree.addLink(entry, 0, layer.name) : tree.add(entry, 0, ordinal, layer.name)
      if (!added || added.replaced) throw new IrregularTree(layer.name)
      ordinal++
      for (const folder of added.made) yield directoryEntry(tree, folder)
      yield placed(entry, added, tree, layer.name)
    }
    if (ordinal === 0) yield directoryEntry(tree, 0)
  }
  return entriesLayer(layer.name, entries, { canonical: true })
}

function placed(entry: Entry, added: Added, tree: Tree, subject: string): Entry {
  const { nodes } = tree
  const path = nodes.isAt(added.node, entry.path) ? entry.path : nodes.pathOf(added.node)
  const linkTarget = entry.type === 'hardlink' ? nodes.pathOf(tree.find(entry.linkTarget, subject)!) : entry.linkTarget
  return path === entry.path && linkTarget === entry.linkTarget ? entry : { ...entry, path, linkTarget }
}
