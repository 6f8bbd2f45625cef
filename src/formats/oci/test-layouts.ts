import { gzipSync } from 'node:zlib'
import { bytesFromText } from '../../image/bytes.ts'
import { type Digest, type DigestAlgorithm, digestOf } from '../../image/digest.ts'
import { bodyOf, type Entry, type EntryHeader, makeHeader } from '../../image/entry.ts'
import type { Layer } from '../../image/layer.ts'
import { emptyMetadata, type ImageMetadata } from '../../image/metadata.ts'
import { type ByteFile, collect } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { encodeHeader, endOfArchive, padding } from '../../tar/write.ts'
import type { BlobTree } from '../blob-tree.ts'
import { mediaTypes } from './media-types.ts'
import { blobPath } from './read-blob.ts'

// Images in memory for the tests of this room.

export interface TestEntry {
  readonly header: EntryHeader
  readonly content: Buffer
}

export function entry(fields: Parameters<typeof makeHeader>[0], content: string | Buffer = ''): TestEntry {
  const bytes = Buffer.from(content)
  return { header: makeHeader({ ...fields, size: bytes.length }), content: bytes }
}

export const file = (path: string, content = path) => entry({ path, type: 'file' }, content)
export const link = (path: string, linkTarget: string) => entry({ path, type: 'symlink', linkTarget })

/** A tar; `prefix` as other tools put it before names. */
export function tarOf(entries: readonly TestEntry[], prefix: '' | './' = ''): Buffer {
  const parts = entries.flatMap(({ header, content }) => [
    encodeHeader(header, { prefix }),
    content,
    padding(content.length),
  ])
  return Buffer.concat([...parts, endOfArchive])
}

export interface TestDescriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly [field: string]: unknown
}

export const layerType = `${'application/vnd.oci.image.layer.v1.tar'}+gzip`

/** Files by path, and ways to put OCI things among them. */
export class TestLayout {
  readonly files = new Map<string, Buffer>([['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')]])

  blob(bytes: Buffer, mediaType: string, algorithm: DigestAlgorithm = 'sha256'): TestDescriptor {
    const digest = digestOf(bytes, algorithm)
    this.files.set(blobPath(digest), bytes)
    return { mediaType, digest, size: bytes.length }
  }

  json(value: unknown, mediaType: string, algorithm: DigestAlgorithm = 'sha256'): TestDescriptor {
    return this.blob(Buffer.from(JSON.stringify(value)), mediaType, algorithm)
  }

  /** An image with gzip layers. `config` and `manifest` fields are laid over the usual ones. */
  image(tars: readonly Buffer[], { config = {}, manifest = {}, algorithm = 'sha256' as DigestAlgorithm } = {}) {
    const layers = tars.map((tar) => this.blob(gzipSync(tar), layerType, algorithm))
    const document = {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar, algorithm)) },
      ...config,
    }
    const described = this.json(document, mediaTypes.config, algorithm)
    return this.json({ schemaVersion: 2, config: described, layers, ...manifest }, mediaTypes.manifest, algorithm)
  }

  index(manifests: readonly TestDescriptor[], fields: object = {}): TestDescriptor {
    return this.json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests, ...fields }, mediaTypes.index)
  }

  top(manifests: readonly TestDescriptor[], fields: object = {}): this {
    this.files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests, ...fields })))
    return this
  }

  delete(digest: string): this {
    this.files.delete(blobPath(digest as Digest))
    return this
  }

  get tree(): BlobTree {
    return {
      name: 'test',
      file: async (path) => {
        const bytes = this.files.get(path)
        return bytes && memoryFile(path, bytes)
      },
    }
  }

  get entries(): TestEntry[] {
    return [...this.files].map(([path, bytes]) => entry({ path: bytesFromText(path), type: 'file' }, bytes))
  }
}

export function named(descriptor: TestDescriptor, name: string): TestDescriptor {
  return { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } }
}

export function memoryFile(name: string, bytes: Buffer): ByteFile {
  return {
    name,
    size: bytes.length,
    async *open(start = 0, end = bytes.length) {
      if (start < end) yield bytes.subarray(start, end)
    },
  }
}

/** A layer that is no tar yet, as `dir` or a builder make it. */
export function plainLayer(entries: readonly TestEntry[], whiteouts = false): Layer {
  return {
    name: 'plain layer',
    whiteouts,
    async *entries(): AsyncGenerator<Entry> {
      for (const { header, content } of entries) yield { ...header, body: bodyOf(content) }
    },
  }
}

export function plainImage(
  layers: readonly Layer[],
  metadata: Partial<ImageMetadata> = {},
  names: readonly string[] = ['test:1'],
): SystemImage {
  const full = { ...emptyMetadata('x86_64'), ...metadata }
  return { source: 'memory', names, layers, metadata: async () => full }
}

/** Everything a layer holds, comparable. */
export async function contentsOf(layer: Layer): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const { body, ...header } of layer.entries()) {
    found.push({ ...header, xattrs: [...header.xattrs], content: (await collect(body)).toString('latin1') })
  }
  return found
}
