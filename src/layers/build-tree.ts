import { displayBytes } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { readAhead } from './read-ahead.ts'
import { Tree } from './tree.ts'
import { parseWhiteout, type Whiteout } from './whiteout.ts'

/**
 * The tree that layers make, bottom first, from their headers alone. Whiteouts reach lower layers only, wherever they stand in
 * their own; a hard link may stand before its target. Two layers are read side by side.
 */
export async function buildTree(layers: readonly Layer[], options: { readonly keepDirlinks?: boolean } = {}): Promise<Tree> {
  const tree = new Tree(options)
  const streams = layers.map((layer) => () => layer.headers?.() ?? layer.entries())
  let index = 0
  for await (const headers of readAhead(streams)) {
    await applyLayer(tree, layers[index]!, headers, index)
    index++
  }
  return tree
}

async function applyLayer(tree: Tree, layer: Layer, headers: AsyncIterable<EntryHeader>, index: number): Promise<void> {
  const waiting: EntryHeader[] = []
  let ordinal = -1
  for await (const header of headers) {
    ordinal++
    const whiteout = layer.whiteouts ? parseWhiteout(header.path, layer.name) : undefined
    if (whiteout) applyWhiteout(tree, whiteout, index, layer.name)
    else if (header.type !== 'hardlink') tree.add(header, index, ordinal, layer.name)
    else if (!tree.addLink(header, index, layer.name)) waiting.push(header)
  }
  for (const header of waiting) {
    if (tree.addLink(header, index, layer.name)) continue
    throw missingTarget(header, layer.name)
  }
}

/** The error for a hard link that leads to nothing. */
export function missingTarget(header: EntryHeader, subject: string): IngotError {
  return new IngotError('bad-input', `${subject}: ${displayBytes(header.path)} is a hard link to ${displayBytes(header.linkTarget)}, which is not there`)
}

function applyWhiteout(tree: Tree, whiteout: Whiteout, layer: number, subject: string): void {
  if (whiteout.kind === 'whiteout') tree.whiteout(whiteout.path, layer, subject)
  if (whiteout.kind === 'opaque') tree.opaque(whiteout.path, layer, subject)
}
