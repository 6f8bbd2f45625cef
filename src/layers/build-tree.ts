import { displayBytes } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { readAhead } from './read-ahead.ts'
import { Tree } from './tree.ts'
import { parseWhiteout } from './whiteout.ts'

export interface BuiltTree {
  readonly tree: Tree
  /** How many entries each layer has. */
  readonly counts: readonly number[]
}

/**
 * The tree that layers make, bottom first, from their headers alone. Whiteouts reach lower layers only, wherever they stand in
 * their own; a hard link may stand before its target. Two layers are read side by side.
 */
export async function buildTree(
  layers: readonly Layer[],
  options: { readonly keepDirlinks?: boolean } = {},
): Promise<BuiltTree> {
  const tree = new Tree(options)
  const counts: number[] = []
  const streams = layers.map((layer) => () => layer.headers?.() ?? layer.entries())
  for await (const batches of readAhead(streams)) {
    counts.push(await applyLayer(tree, layers[counts.length]!, batches, counts.length))
  }
  return { tree, counts }
}

async function applyLayer(
  tree: Tree,
  layer: Layer,
  batches: AsyncIterable<readonly EntryHeader[]>,
  index: number,
): Promise<number> {
  const waiting: Waiting[] = []
  let count = 0
  for await (const batch of batches) {
    for (const header of batch) {
      const ordinal = count++
      if (layer.whiteouts && applyWhiteout(tree, header, index, layer.name)) continue
      if (header.type !== 'hardlink') tree.add(header, index, ordinal, layer.name)
      else if (!tree.addLink(header, index, ordinal, layer.name)) waiting.push({ header, ordinal })
    }
  }
  addWaiting(tree, waiting, index, layer.name)
  return count
}

interface Waiting {
  readonly header: EntryHeader
  readonly ordinal: number
}

/** Hard links that came before their targets, which may be among them. */
function addWaiting(tree: Tree, waiting: readonly Waiting[], layer: number, subject: string): void {
  for (let left = waiting; left.length > 0; ) {
    const still = left.filter(({ header, ordinal }) => !tree.addLink(header, layer, ordinal, subject))
    if (still.length === left.length) throw missingTarget(still[0]!.header, subject)
    left = still
  }
}

function missingTarget(header: EntryHeader, subject: string): IngotError {
  const [path, target] = [displayBytes(header.path), displayBytes(header.linkTarget)]
  return new IngotError('bad-input', `${subject}: ${path} is a hard link to ${target}, which is not there`)
}

/** True when the entry is a whiteout, or for nobody. */
function applyWhiteout(tree: Tree, header: EntryHeader, layer: number, subject: string): boolean {
  const whiteout = parseWhiteout(header.path, subject)
  if (whiteout?.kind === 'whiteout') tree.whiteout(whiteout.path, layer, subject)
  if (whiteout?.kind === 'opaque') tree.opaque(whiteout.path, layer, subject)
  return whiteout !== undefined
}
