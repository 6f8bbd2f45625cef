import type { EntryHeader, EntryStream } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'

/** Changes headers one by one. Paths, types, sizes and links must stay as they are. */
export function mapLayer(layer: Layer, change: (header: EntryHeader) => EntryHeader): Layer {
  async function* entries(): EntryStream {
    for await (const entry of layer.entries()) {
      const changed = change(entry)
      yield changed === entry ? entry : { ...changed, body: entry.body }
    }
  }
  async function* headers(): AsyncIterable<EntryHeader> {
    for await (const header of layer.headers?.() ?? layer.entries()) yield change(header)
  }
  return { name: layer.name, whiteouts: layer.whiteouts, canonical: layer.canonical ?? false, entries, headers }
}
