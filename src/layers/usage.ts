import { type ByteString, compareBytes } from '../image/bytes.ts'
import { bodySize, type Entry, type EntryHeader, parentPath } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { flatten } from './flatten.ts'
import { IrregularTree } from './irregular-tree.ts'
import { Uncovered } from './uncovered.ts'
import { parseWhiteout } from './whiteout.ts'

/** What one layer brings, in entries and bytes of file content. */
export interface LayerUsage {
  readonly entries: number
  readonly bytes: number
  /** Of `bytes`, what layers above replace or delete. */
  readonly wasted: number
  /** Whiteouts: how many names of lower layers it deletes. */
  readonly deleted: number
}

export interface FolderUsage {
  readonly path: ByteString
  /** Of the flattened tree, with all that lies below; hard-linked files count once. */
  readonly bytes: number
  readonly files: number
}

export interface TreeUsage {
  /** Bottom first. */
  readonly layers: readonly LayerUsage[]
  /** Every directory down to `depth`, largest first. */
  readonly folders: readonly FolderUsage[]
  /** Of the flattened tree. */
  readonly bytes: number
}

/** Where an image's bytes are: by layer, and by directory down to `depth` components. */
export async function usageOf(layers: readonly Layer[], depth = 3): Promise<TreeUsage> {
  try {
    return await inOneReading(layers, depth)
  } catch (error) {
    if (!(error instanceof IrregularTree)) throw error
    return await inSeveralReadings(layers, depth)
  }
}

async function inOneReading(layers: readonly Layer[], depth: number): Promise<TreeUsage> {
  const uncovered = new Uncovered()
  const folders = new Folders(depth)
  const usages: LayerUsage[] = []
  for (const [index, layer] of [...layers.entries()].reverse()) {
    uncovered.enter(layer, index)
    const counter = new Counter(layer)
    for await (const header of headersOf(layer)) {
      const seen = uncovered.take(header)
      counter.count(header, seen !== undefined)
      if (seen) folders.add(seen)
    }
    usages.unshift(counter.usage())
  }
  return { layers: usages, ...folders.result() }
}

/** The flattened tree says which layer's files are left: each entry takes its layer's index along. */
async function inSeveralReadings(layers: readonly Layer[], depth: number): Promise<TreeUsage> {
  const folders = new Folders(depth)
  const left = layers.map(() => 0)
  for await (const entry of flatten(layers.map(marked)).entries()) {
    folders.add(entry)
    if (entry.type === 'file' && isMarked(entry)) left[entry.layer]! += bodySize(entry)
  }
  const usages: LayerUsage[] = []
  for (const [index, layer] of layers.entries()) {
    const counter = new Counter(layer)
    for await (const header of headersOf(layer)) counter.count(header, true)
    const all = counter.usage()
    usages.push({ ...all, wasted: all.bytes - left[index]! })
  }
  return { layers: usages, ...folders.result() }
}

interface MarkedEntry extends Entry {
  readonly layer: number
}

function marked(layer: Layer, index: number): Layer {
  async function* entries(): AsyncGenerator<MarkedEntry> {
    for await (const entry of layer.entries()) yield { ...entry, layer: index }
  }
  return { name: layer.name, whiteouts: layer.whiteouts, entries }
}

function isMarked(entry: Entry): entry is MarkedEntry {
  return 'layer' in entry
}

function headersOf(layer: Layer): AsyncIterable<EntryHeader> {
  return layer.headers?.() ?? layer.entries()
}

class Counter {
  readonly #layer: Layer
  #entries = 0
  #bytes = 0
  #wasted = 0
  #deleted = 0

  constructor(layer: Layer) {
    this.#layer = layer
  }

  count(header: EntryHeader, seen: boolean): void {
    this.#entries++
    if (this.#layer.whiteouts && parseWhiteout(header.path, this.#layer.name)?.kind === 'whiteout') this.#deleted++
    this.#bytes += bodySize(header)
    if (!seen) this.#wasted += bodySize(header)
  }

  usage(): LayerUsage {
    return { entries: this.#entries, bytes: this.#bytes, wasted: this.#wasted, deleted: this.#deleted }
  }
}

class Folders {
  readonly #depth: number
  readonly #found = new Map<ByteString, { bytes: number; files: number }>()
  #bytes = 0

  constructor(depth: number) {
    this.#depth = depth
  }

  add(entry: EntryHeader): void {
    if (entry.type !== 'file') return
    const bytes = bodySize(entry)
    this.#bytes += bytes
    const parts = parentPath(entry.path).split('/').slice(0, this.#depth)
    for (let end = parts[0] === '' ? 0 : parts.length; end > 0; end--) {
      const path = parts.slice(0, end).join('/')
      const folder = this.#found.get(path)
      if (folder) {
        folder.bytes += bytes
        folder.files++
      } else this.#found.set(path, { bytes, files: 1 })
    }
  }

  result(): Pick<TreeUsage, 'folders' | 'bytes'> {
    const folders = [...this.#found].map(([path, usage]) => ({ path, ...usage }))
    return { folders: folders.sort((a, b) => b.bytes - a.bytes || compareBytes(a.path, b.path)), bytes: this.#bytes }
  }
}
