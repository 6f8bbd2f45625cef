import { IngotError } from '../../image/error.ts'
import { normalisePlatform, type Platform } from '../../image/platform.ts'
import { readWhole } from '../../image/stream.ts'
import type { BlobTree } from '../blob-tree.ts'
import { configPlatform, parseConfig } from './config.ts'
import {
  type Descriptor,
  indexDocument,
  layoutDocument,
  type Manifest,
  manifestDocument,
  parseDocument,
} from './documents.ts'
import { isConfigType, isIndexType, isManifestType } from './media-types.ts'
import { findBlob, promiseOf, readBlob, readVerified, shortDigest } from './read-blob.ts'

/** One image manifest that a layout's index leads to. */
export interface LayoutImage {
  readonly descriptor: Descriptor
  /** In the order of index.json. */
  readonly names: readonly string[]
  readonly platform?: Platform
  /** Undefined when the descriptor's blob is not in the layout. */
  readonly manifest?: { readonly bytes: Buffer; readonly document: Manifest }
}

/** index.json of a store of many images may be larger than one image's documents. */
const maxIndexBytes = 20 * 1024 * 1024
const maxDepth = 8

/** Throws 'bad-input' when there is no `oci-layout`, 'unsupported' when its version is another than 1.0.0. */
export async function checkLayoutVersion(tree: BlobTree): Promise<void> {
  const file = await tree.file('oci-layout')
  if (!file) throw new IngotError('bad-input', `${tree.name}: no oci-layout file: not an OCI image layout`)
  const { imageLayoutVersion } = parseDocument(await readWhole(file, 4096), layoutDocument, `${tree.name}: oci-layout`)
  if (imageLayoutVersion !== '1.0.0') {
    const version = JSON.stringify(imageLayoutVersion)
    throw new IngotError('unsupported', `${tree.name}: OCI layout version ${version}; Ingot knows 1.0.0`)
  }
}

/**
 * All images of a layout, each once, in the order of its index (image-spec image-layout.md). Nested indexes are followed;
 * attestations, artifacts and unknown media types are passed over. What is named but
 * not there is listed without a manifest, by the platform its index says. Throws 'bad-input', 'corrupt' and 'limit' for documents that break their promises.
 */
export async function layoutImages(tree: BlobTree): Promise<readonly LayoutImage[]> {
  await checkLayoutVersion(tree)
  const file = await tree.file('index.json')
  if (!file) throw new IngotError('bad-input', `${tree.name}: no index.json`)
  const subject = `${tree.name}: index.json`
  const index = parseDocument(await readWhole(file, maxIndexBytes), indexDocument, subject)
  const images = new Map<string, { image: Omit<LayoutImage, 'names'>; names: Set<string> }>()
  const walk = indexWalk(tree)
  for (const descriptor of index.manifests) {
    const name = nameOf(descriptor)
    for (const image of (await walk(descriptor, [])).values()) {
      const found = images.get(image.descriptor.digest) ?? { image, names: new Set() }
      images.set(image.descriptor.digest, found)
      if (name !== undefined) found.names.add(name)
    }
  }
  return [...images.values()].map(({ image, names }) => ({ ...image, names: [...names] }))
}

/** Docker's annotation has the full name where OCI's has the tag only. */
function nameOf(descriptor: Descriptor): string | undefined {
  const { 'io.containerd.image.name': full, 'org.opencontainers.image.ref.name': ref } = descriptor.annotations ?? {}
  return full || ref || undefined
}

type Found = ReadonlyMap<string, Omit<LayoutImage, 'names'>>

/** Finds the images under a descriptor; each document is read once however often it is listed. */
function indexWalk(tree: BlobTree): (descriptor: Descriptor, path: readonly string[]) => Promise<Found> {
  const known = new Map<string, Found>()

  async function walk(descriptor: Descriptor, path: readonly string[]): Promise<Found> {
    const before = known.get(descriptor.digest)
    if (before) return before
    const found = isIndexType(descriptor.mediaType)
      ? await nested(descriptor, path)
      : isManifestType(descriptor.mediaType)
        ? await single(descriptor)
        : new Map()
    known.set(descriptor.digest, found)
    return found
  }

  async function nested(descriptor: Descriptor, path: readonly string[]): Promise<Found> {
    const subject = `${tree.name}: index ${shortDigest(descriptor.digest)}`
    if (path.includes(descriptor.digest)) throw new IngotError('bad-input', `${subject}: contains itself`)
    if (path.length >= maxDepth) {
      throw new IngotError('limit', `${subject}: indexes are nested more than ${maxDepth} deep`)
    }
    if (!(await findBlob(tree, descriptor, subject))) return missing(descriptor)
    const index = parseDocument(await readBlob(tree, descriptor, subject), indexDocument, subject)
    checkMediaType(index.mediaType, descriptor, subject)
    const found = new Map<string, Omit<LayoutImage, 'names'>>()
    for (const child of index.manifests) {
      for (const [digest, image] of await walk(child, [...path, descriptor.digest])) {
        if (!found.has(digest)) found.set(digest, image)
      }
    }
    return found
  }

  async function single(descriptor: Descriptor): Promise<Found> {
    const subject = `${tree.name}: manifest ${shortDigest(descriptor.digest)}`
    if (isAttestation(descriptor)) return new Map()
    const blob = await findBlob(tree, descriptor, subject)
    if (!blob) return missing(descriptor)
    const bytes = await readVerified(blob, promiseOf(descriptor, subject), subject)
    const document = parseDocument(bytes, manifestDocument, subject)
    checkMediaType(document.mediaType, descriptor, subject)
    if (!isConfigType(document.config.mediaType)) return new Map()
    const platform = descriptor.platform ? cleanPlatform(descriptor.platform) : await platformOf(document, subject)
    const image = { descriptor, manifest: { bytes, document }, ...(platform ? { platform } : {}) }
    return new Map([[descriptor.digest, image]])
  }

  async function platformOf(manifest: Manifest, subject: string): Promise<Platform | undefined> {
    const about = `${subject}: configuration`
    if (!(await findBlob(tree, manifest.config, about))) return undefined
    const platform = configPlatform(parseConfig(await readBlob(tree, manifest.config, about), about))
    return platform && normalisePlatform(platform)
  }

  return walk
}

function missing(descriptor: Descriptor): Found {
  const platform = descriptor.platform ? { platform: cleanPlatform(descriptor.platform) } : {}
  return new Map([[descriptor.digest, { descriptor, ...platform }]])
}

function isAttestation({ platform, annotations }: Descriptor): boolean {
  const unknown = platform?.os === 'unknown' && platform.architecture === 'unknown'
  return unknown || annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
}

function cleanPlatform({ os, architecture, variant }: NonNullable<Descriptor['platform']>): Platform {
  return normalisePlatform(variant ? { os, architecture, variant } : { os, architecture })
}

/** A document must be of the kind it was announced as (CVE-2021-41190). */
function checkMediaType(embedded: string | null | undefined, descriptor: Descriptor, subject: string): void {
  if (!embedded || embedded === descriptor.mediaType) return
  throw new IngotError('bad-input', `${subject}: says it is ${embedded}, its descriptor ${descriptor.mediaType}`)
}
