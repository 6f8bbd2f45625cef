import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolderLock } from '../../host/lock.ts'
import { IngotError, ioError } from '../../image/error.ts'
import { readWhole } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { directoryTree } from '../blob-tree.ts'
import type { WriteOptions } from '../types.ts'
import { formatDocument, indexDocument, parseDocument } from './documents.ts'
import {
  attachmentEntries,
  formatIndex,
  groupByName,
  type IndexEntry,
  indexEntries,
  layoutAnnotations,
  layoutName,
} from './index-entries.ts'
import { checkLayoutVersion } from './layout.ts'
import { layoutStore, replaceFile } from './layout-store.ts'
import { type PutImage, storeImage } from './store-image.ts'
import { acceptedKind } from './store-layer.ts'
import { layoutCompressions, layoutMarker, type WrittenImages, writtenImages } from './write-archive.ts'

/**
 * Adds images to the OCI layout in the directory `root`, which may be empty or a layout already: its images stay, save
 * those of the same names, which are replaced. Blobs come first; index.json changes last, in one step, under a lock that
 * other processes of Ingot heed, so every moment shows a whole layout. On failure unused blobs may stay behind.
 * Throws 'exists' when the directory holds other things, 'usage' for names, 'unsupported' for compressions, 'io'.
 */
export async function writeOciLayout(
  images: readonly SystemImage[],
  options: WriteOptions,
  root: string,
): Promise<WrittenImages> {
  if (options.compression) acceptedKind(options.compression.kind, layoutCompressions, 'oci')
  const groups = await groupByName(images, options.names, layoutName)
  await prepare(root)
  const store = layoutStore(root)
  const stored: PutImage[] = []
  for (const image of images) stored.push(await storeImage(image, { ...options, accepted: layoutCompressions }, store))
  const entries = await indexEntries(groups, stored, layoutAnnotations, store)
  const attached = await attachmentEntries(stored, options.attachments, store)
  await withFolderLock(root, async () => {
    await replaceFile(root, 'index.json', await mergedIndex(root, [...entries, ...attached]))
  })
  return writtenImages(groups, stored, entries)
}

async function prepare(root: string): Promise<void> {
  const names = await readdir(root).catch((error) => {
    throw ioError(`list ${root}`, error)
  })
  if (names.includes('oci-layout')) return await checkLayoutVersion(directoryTree(root))
  if (names.some((name) => name !== 'blobs' && !name.startsWith('.ingot-'))) {
    throw new IngotError('exists', `${root} is no OCI layout and not empty`, { hint: 'Choose another folder.' })
  }
  await mkdir(join(root, 'blobs', 'sha256'), { recursive: true }).catch((error) => {
    throw ioError(`make the folder ${root}/blobs`, error)
  })
  await replaceFile(root, 'oci-layout', layoutMarker)
}

/** The layout's index with these entries in it; everything else in it, known to Ingot or not, stays. */
async function mergedIndex(root: string, entries: readonly IndexEntry[]): Promise<Buffer> {
  const file = await directoryTree(root).file('index.json')
  if (!file) return formatIndex(entries)
  const bytes = await readWhole(file, 64 * 1024 * 1024)
  parseDocument(bytes, indexDocument, join(root, 'index.json'))
  const index = JSON.parse(bytes.toString()) as { manifests: readonly IndexEntry[] | null }
  const replaced = new Set(entries.map(keyOf))
  const added = (JSON.parse(formatIndex(entries).toString()) as { manifests: readonly IndexEntry[] }).manifests
  const kept = (index.manifests ?? []).filter((entry) => !replaced.has(keyOf(entry)))
  return formatDocument({ ...index, manifests: [...kept, ...added] })
}

/** A name, or for an entry without one its digest. */
function keyOf({ annotations, digest }: IndexEntry): string {
  const name = annotations?.['org.opencontainers.image.ref.name']
  return name ? `name ${name}` : `digest ${digest}`
}
