import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sumOf, writeDurably } from '../host/durable.ts'
import { openFile } from '../host/file.ts'
import { removeTree } from '../host/remove-tree.ts'
import { displayBytes } from '../image/bytes.ts'
import type { Digest } from '../image/digest.ts'
import { type EntryHeader, parentPath } from '../image/entry.ts'
import type { Compression, Layer } from '../image/layer.ts'
import type { HistoryEntry } from '../image/metadata.ts'
import { tarLayer } from '../layers/tar-layer.ts'

/** A layer that the image of a base came with, kept byte for byte. */
export interface OwnLayer {
  /** What made it. */
  readonly title: string
  /** Of the bytes as they are kept. */
  readonly digest: Digest
  readonly size: number
  readonly compression: Compression
  readonly diffId: Digest
  /** The latest time that an entry has, in seconds since the epoch, rounded up. */
  readonly newest: number
}

/** Own layers of a base by number, in the folder that was given to keepOwnLayers. */
export async function openOwnLayer(folder: string, number: number, own: OwnLayer): Promise<Layer> {
  const { title, diffId, ...blob } = own
  return tarLayer({ name: title, file: await openFile(join(folder, String(number))), diffId, blob, whiteouts: true })
}

/**
 * Copies the layers of an image into a new folder, verified, so that the image made on them begins with them. Undefined, with a word
 * on why to `note`, where that would not do: cleaning looks at each layer by itself, so none may hang on what others have.
 * Undefined also for an image that has no OCI layers. Throws 'corrupt' and 'io'.
 */
export async function keepOwnLayers(
  layers: readonly Layer[],
  history: readonly HistoryEntry[],
  folder: string,
  note: (message: string) => void,
): Promise<readonly OwnLayer[] | undefined> {
  if (!layers.every(isChangeSet)) return undefined
  await mkdir(folder)
  const titles = titlesOf(layers, history)
  const links = new Set<string>()
  const kept: OwnLayer[] = []
  for (const [number, layer] of layers.entries()) {
    const path = join(folder, String(number))
    const stored = layer.blob ?? { open: layer.tar!, compression: 'none' as const }
    const { sha256, size } = await writeDurably(path, 0o600, path, (put) => sumOf(stored.open(), put))
    const { compression } = stored
    const own = {
      title: titles[number]!,
      digest: `sha256:${sha256}` as const,
      size,
      compression,
      diffId: layer.diffId!,
    }
    const found = await lookThrough(await openOwnLayer(folder, number, { ...own, newest: 0 }), links)
    if (found.obstacle !== undefined) {
      note(`the layers of the base become one: ${layer.name} has ${found.obstacle}`)
      await removeTree(folder)
      return undefined
    }
    kept.push({ ...own, newest: found.newest })
  }
  return kept
}

function isChangeSet({ whiteouts, diffId, blob, tar }: Layer): boolean {
  return whiteouts && diffId !== undefined && (blob !== undefined || tar !== undefined)
}

/** What history says of each, where it says something of each. */
function titlesOf(layers: readonly Layer[], history: readonly HistoryEntry[]): readonly string[] {
  const makers = history.filter((entry) => !entry.empty_layer)
  const fits = makers.length === layers.length
  return layers.map(({ name }, number) => (fits && makers[number]!.created_by) || name)
}

interface Found {
  readonly newest: number
  readonly obstacle?: string
}

/** Looks whether a layer stands alone. `links`: the symbolic links of the layers below; those of this one are added. */
async function lookThrough(layer: Layer, links: Set<string>): Promise<Found> {
  const files = new Set<string>()
  const folders = new Set<string>()
  let newest = 0n
  for await (const header of layer.headers?.() ?? layer.entries()) {
    const obstacle = obstacleOf(header, files, folders, links)
    if (obstacle !== undefined) return { newest: 0, obstacle: `${displayBytes(header.path)} ${obstacle}` }
    if (header.mtime > newest) newest = header.mtime
  }
  return { newest: Number((newest + 999_999_999n) / 1_000_000_000n) }
}

function obstacleOf(
  { path, type, linkTarget }: EntryHeader,
  files: Set<string>,
  folders: Set<string>,
  links: Set<string>,
): string | undefined {
  for (let at = parentPath(path); !folders.has(at); at = parentPath(at)) {
    if (links.has(at)) return `behind the symbolic link ${displayBytes(at)}`
    folders.add(at)
    if (at === '') break
  }
  if (type === 'hardlink' && !files.has(linkTarget)) return `linked to ${displayBytes(linkTarget)} of a layer below`
  if (type === 'directory') {
    links.delete(path)
    folders.add(path)
    return undefined
  }
  files.add(path)
  folders.delete(path)
  if (type === 'symlink') links.add(path)
  else links.delete(path)
  return undefined
}
