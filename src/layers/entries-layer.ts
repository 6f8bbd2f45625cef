import type { EntryStream } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'

export interface EntriesLayerOptions {
  readonly whiteouts?: boolean
  readonly canonical?: boolean
}

/** A layer from a function that starts a new stream of entries each time it is called. */
export function entriesLayer(name: string, open: () => EntryStream, options: EntriesLayerOptions = {}): Layer {
  return { name, whiteouts: options.whiteouts ?? false, canonical: options.canonical ?? false, entries: open }
}
