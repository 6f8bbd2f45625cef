import { type Digest, digestOf } from '../../image/digest.ts'
import { type ByteFile, memoryFile } from '../../image/stream.ts'
import type { BlobTree } from '../blob-tree.ts'
import { formatDocument, manifestDocument, parseDocument } from './documents.ts'
import { mediaTypes } from './media-types.ts'
import { blobPath } from './read-blob.ts'
import { layoutMarker } from './write-archive.ts'

/** Digests of what a manifest names: its configuration, then its layers, bottom first. Throws 'bad-input'. */
export function manifestBlobs(manifest: Buffer, subject: string): readonly string[] {
  const { config, layers } = parseDocument(manifest, manifestDocument, subject)
  return [config.digest, ...layers.map((layer) => layer.digest)]
}

/** The layout of one image whose blobs are kept elsewhere: to be read, or to be written out as a directory or archive. */
export function singleImageTree(
  name: string,
  manifest: Buffer,
  blobs: ReadonlyMap<Digest, () => Promise<ByteFile>>,
): BlobTree {
  const { mediaType } = parseDocument(manifest, manifestDocument, `${name}: manifest`)
  const digest = digestOf(manifest)
  const entry = { mediaType: mediaType || mediaTypes.manifest, digest, size: manifest.length }
  const index = formatDocument({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [entry] })
  const files = new Map<string, () => Promise<ByteFile>>()
  for (const [blob, open] of blobs) files.set(blobPath(blob), open)
  files.set(blobPath(digest), async () => memoryFile(manifest, `${name}: manifest`))
  files.set('oci-layout', async () => memoryFile(layoutMarker, `${name}: oci-layout`))
  files.set('index.json', async () => memoryFile(index, `${name}: index.json`))
  return {
    name,
    file: async (path) => await files.get(path)?.(),
  }
}
