import { IngotError } from '../../image/error.ts'
import { ociPlatform, type Platform, platformText } from '../../image/platform.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { type BlobPromise, type BlobStore, putBytes } from '../blob-store.ts'
import { familiarName, fullName, requireDockerName } from '../docker-name.ts'
import type { WriteOptions } from '../types.ts'
import { storeAttachment } from './attachment.ts'
import { formatDocument } from './documents.ts'
import { mediaTypes } from './media-types.ts'
import type { PutImage } from './store-image.ts'

/** An entry of index.json as Ingot writes it. */
export interface IndexEntry extends BlobPromise {
  readonly mediaType: string
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
}

/** The images of one name (undefined: those without): several platforms of the same thing. */
export interface NameGroup {
  readonly name: string | undefined
  /** Positions in the list of images. */
  readonly members: readonly number[]
}

/** Checks a name for a format and gives its form there; throws 'usage'. */
export type NameForm = (name: string) => string

/** OCI's grammar of `org.opencontainers.image.ref.name` (image-spec annotations.md). */
export function layoutName(name: string): string {
  if (/^[A-Za-z0-9]+((--|[-._:@+])[A-Za-z0-9]+)*(\/[A-Za-z0-9]+((--|[-._:@+])[A-Za-z0-9]+)*)*$/.test(name)) return name
  throw new IngotError('usage', `${JSON.stringify(name)} cannot be a name in an OCI layout`, {
    hint: 'Names are letters and digits joined by one of - . _ : @ + /; give another with --name.',
  })
}

/** Docker's short form, `debian:12`. */
export function dockerName(name: string): string {
  return familiarName(requireDockerName(name))
}

/**
 * Groups images by name, in order of appearance; `names` replaces the images' own. Throws 'usage' for malformed names
 * and for one name with the same platform twice.
 */
export async function groupByName(
  images: readonly SystemImage[],
  names: readonly string[] | undefined,
  form: NameForm,
): Promise<readonly NameGroup[]> {
  const groups = new Map<string | undefined, number[]>()
  const taken = new Set<string>()
  for (const [i, image] of images.entries()) {
    const own = [...new Set((names ?? image.names).map(form))]
    for (const name of own.length > 0 ? own : [undefined]) {
      const platform = images.length > 1 ? platformText(ociPlatform((await image.metadata()).architecture)) : ''
      const key = `${platform} ${name ?? ''}`
      if (taken.has(key)) {
        const what = name === undefined ? 'without a name' : `named ${name}`
        throw new IngotError('usage', `two images ${what} for ${platform}: ${image.source} is the second`, {
          hint: 'Give each its own name, or write them one by one.',
        })
      }
      taken.add(key)
      groups.set(name, [...(groups.get(name) ?? []), i])
    }
  }
  return [...groups].map(([name, members]) => ({ name, members }))
}

/**
 * The entries of index.json: for one image a pointer to its manifest, for several platforms of one name a pointer to an
 * index blob, put here, because readers expect one entry for a name.
 */
export async function indexEntries(
  groups: readonly NameGroup[],
  images: readonly PutImage[],
  annotate: (name: string) => Readonly<Record<string, string>>,
  store: BlobStore,
): Promise<readonly IndexEntry[]> {
  const entries: IndexEntry[] = []
  for (const { name, members } of groups) {
    const manifests = members.map((i) => manifestEntry(images[i]!))
    const only = manifests.length === 1 ? manifests[0] : undefined
    const entry = only ?? { mediaType: mediaTypes.index, ...(await putBytes(store, formatIndex(manifests))) }
    entries.push(name === undefined ? entry : { ...entry, annotations: annotate(name) })
  }
  return entries
}

/** The entries of what is attached to images; it is put here. */
export async function attachmentEntries(
  images: readonly PutImage[],
  attachments: WriteOptions['attachments'],
  store: BlobStore,
): Promise<readonly IndexEntry[]> {
  const entries: IndexEntry[] = []
  for (const { manifest } of images) {
    for (const attachment of (await attachments?.(manifest.digest)) ?? []) {
      const { artifactType } = attachment
      entries.push({
        mediaType: mediaTypes.manifest,
        artifactType,
        ...(await storeAttachment(attachment, manifest, store)),
      })
    }
  }
  return entries
}

function manifestEntry({ manifest, platform }: PutImage): IndexEntry {
  return { mediaType: mediaTypes.manifest, ...manifest, platform }
}

/** An index document with fields in the specification's order. */
export function formatIndex(entries: readonly IndexEntry[]): Buffer {
  const manifests = entries.map(({ mediaType, artifactType, digest, size, annotations, platform }) => {
    return { mediaType, artifactType, digest, size, annotations, platform: platform && formatPlatform(platform) }
  })
  return formatDocument({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
}

function formatPlatform({ architecture, os, variant }: Platform): object {
  return { architecture, os, variant }
}

/** Annotations of an entry in a layout. */
export function layoutAnnotations(name: string): Readonly<Record<string, string>> {
  return { 'org.opencontainers.image.ref.name': name }
}

/** Annotations of an entry in a Docker archive: the full name for containerd, the tag for others. */
export function dockerAnnotations(name: string): Readonly<Record<string, string>> {
  const parsed = requireDockerName(name)
  return { 'io.containerd.image.name': fullName(parsed), 'org.opencontainers.image.ref.name': parsed.tag }
}
