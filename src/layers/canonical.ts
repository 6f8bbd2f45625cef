import type { Entry, EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { entriesLayer } from './entries-layer.ts'
import { directoryEntry } from './flatten.ts'
import { type Added, pathOf, Tree } from './tree.ts'

/** A single tree whose entries are not in good order: it must be flattened, which reads it twice. */
export class IrregularTree extends IngotError {
  constructor(subject: string) {
    super('bad-input', `${subject}: a path comes twice, or a hard link before its target`)
  }
}

/**
 * The canonical form of a single tree in one reading: parents are added where they are missing, and what lies beyond a symlink is put
 * where it leads inside the root. Throws IrregularTree, perhaps after many entries, when one reading is not enough: a path comes
 * twice, a file stands in a directory's place, a hard link comes before its target. `flatten` can do those.
 */
export function canonicalInOneReading(layer: Layer): Layer {
  if (layer.canonical) return layer
  async function* entries(): EntryStream {
    const tree = new Tree()
    let ordinal = -1
    for await (const entry of layer.entries()) {
      ordinal++
      const added = entry.type === 'hardlink' ? tree.addLink(entry, 0, layer.name) : tree.add(entry, 0, ordinal, layer.name)
      if (!added || added.replaced) throw new IrregularTree(layer.name)
      if (!tree.root.emitted) {
        tree.root.emitted = true
        if (entry.path !== '') yield directoryEntry(tree.root)
      } else if (entry.path === '') throw new IrregularTree(layer.name)
      for (const folder of added.made) yield directoryEntry(folder)
      yield placed(entry, added, tree, layer.name)
    }
  }
  return entriesLayer(layer.name, entries, { canonical: true })
}

function placed(entry: Entry, added: Added, tree: Tree, subject: string): Entry {
  const path = pathOf(added.node)
  if (entry.type !== 'hardlink') return path === entry.path ? entry : { ...entry, path }
  return { ...entry, path, linkTarget: pathOf(tree.find(entry.linkTarget, subject)!) }
}
