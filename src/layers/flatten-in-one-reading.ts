import { type Entry, type EntryHeader, type EntryStream, emptyBody, makeHeader } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { canonicalInOneReading } from './canonical.ts'
import { entriesLayer } from './entries-layer.ts'
import { Uncovered } from './uncovered.ts'

/**
 * What `flatten` gives, entry for entry, but reading each layer once: from the top down, where what lies above an entry is known when
 * it comes. Throws IrregularTree, perhaps after many entries, when that is not enough: a path whose parent has no entry before it in
 * its own layer, a path twice in a layer, a hard link to a file of another layer or to one that an upper layer covers.
 */
export function flattenInOneReading(layers: readonly Layer[], name = 'image'): Layer {
  const [only] = layers
  if (layers.length === 1 && !only!.whiteouts) return canonicalInOneReading(only!)
  async function* entries(): EntryStream {
    yield await topmostRoot(layers)
    const uncovered = new Uncovered()
    for (const [index, layer] of [...layers.entries()].reverse()) {
      uncovered.enter(layer, index)
      // Read to its end even when nothing is left to take: only then are its promises checked.
      for await (const entry of layer.entries()) {
        const seen = uncovered.take(entry)
        if (seen) yield seen
      }
    }
  }
  return entriesLayer(name, entries, { canonical: true })
}

/** The root directory as the topmost layer has it that begins with it. */
async function topmostRoot(layers: readonly Layer[]): Promise<Entry> {
  for (const layer of [...layers].reverse()) {
    const first = await (layer.first?.() ?? firstOf(layer))
    if (first?.path === '') return { ...first, body: emptyBody }
  }
  return { ...makeHeader({ path: '', type: 'directory' }), body: emptyBody }
}

async function firstOf(layer: Layer): Promise<EntryHeader | undefined> {
  for await (const entry of layer.entries()) return entry
  return undefined
}
