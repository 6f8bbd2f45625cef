import type { Limits } from '../../compression/types.ts'
import { type ByteString, displayBytes } from '../../image/bytes.ts'
import type { Entry, EntryStream } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import type { ByteFile } from '../../image/stream.ts'
import { entriesLayer } from '../../layers/entries-layer.ts'
import { tarEntries } from '../tar-entries.ts'

/** The `rootfs/` of a unified image as a layer, its paths and hard links relative to it. */
export function unifiedLayer(file: ByteFile, limits: Limits | undefined): Layer {
  return entriesLayer(file.name, async function* () {
    for await (const entry of tarEntries(file, limits)) {
      const path = inRoot(entry.path)
      if (path !== undefined) yield { ...entry, path, linkTarget: linkInRoot(entry, file.name) }
    }
  })
}

function linkInRoot(entry: Entry, archive: string): ByteString {
  if (entry.type !== 'hardlink') return entry.linkTarget
  const target = inRoot(entry.linkTarget)
  if (target) return target
  const [link, to] = [displayBytes(entry.path), displayBytes(entry.linkTarget)]
  throw new IngotError('bad-input', `${archive}: ${link} is a hard link to ${to}, which is outside rootfs/`)
}

function inRoot(path: ByteString): ByteString | undefined {
  if (path === 'rootfs') return ''
  return path.startsWith('rootfs/') ? path.slice('rootfs/'.length) : undefined
}

/** Entries of a tree moved into `rootfs/`. */
export async function* underRoot(tree: EntryStream): EntryStream {
  for await (const entry of tree) {
    const linkTarget = entry.type === 'hardlink' ? `rootfs/${entry.linkTarget}` : entry.linkTarget
    yield { ...entry, path: entry.path === '' ? 'rootfs' : `rootfs/${entry.path}`, linkTarget }
  }
}
