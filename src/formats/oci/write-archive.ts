import type { Digest } from '../../image/digest.ts'
import { digestOf } from '../../image/digest.ts'
import { IngotError } from '../../image/error.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { createBlobArchive } from '../blob-archive.ts'
import type { WriteOptions } from '../types.ts'
import { formatDockerManifest } from './docker-manifest.ts'
import {
  dockerAnnotations,
  dockerName,
  formatIndex,
  groupByName,
  type IndexEntry,
  indexEntries,
  layoutAnnotations,
  layoutName,
  type NameGroup,
} from './index-entries.ts'
import type { LayerCompression } from './media-types.ts'
import { blobPath } from './read-blob.ts'
import { type PutImage, storeImage } from './store-image.ts'
import { acceptedKind } from './store-layer.ts'

export interface WrittenImages {
  /** Of the manifest or, for several images, of an index of them. */
  readonly digest: Digest
  readonly names: readonly string[]
}

/** What layers may be compressed with in an OCI layout. */
export const layoutCompressions: readonly LayerCompression[] = ['gzip', 'zstd', 'none']
/** … and in a Docker archive: `docker load` before containerd's image store knows no zstd. */
const dockerCompressions: readonly LayerCompression[] = ['gzip', 'none']

/**
 * Writes an OCI layout as an uncompressed tar to the file `path`; with `docker`, a manifest.json in it makes it a Docker
 * archive as well (Docker 25's form, which older ones, podman and skopeo load too). Member names have no `./` and times
 * are 0, so Proxmox VE takes either for an OCI template, and equal images give equal bytes. Throws 'usage' for names,
 * 'unsupported' for compressions and, with `docker`, for several platforms of one name; on failure the file is unfinished.
 */
export async function writeOciArchive(
  images: readonly SystemImage[],
  options: WriteOptions,
  path: string,
  { docker }: { readonly docker: boolean },
): Promise<WrittenImages> {
  const accepted = docker ? dockerCompressions : layoutCompressions
  if (options.compression) acceptedKind(options.compression.kind, accepted, docker ? 'docker' : 'oci-archive')
  const groups = await groupByName(images, options.names, docker ? dockerName : layoutName)
  if (docker) refusePlatforms(groups)
  const archive = await createBlobArchive(path)
  try {
    await archive.file('oci-layout', layoutMarker)
    await archive.folder('blobs')
    await archive.folder('blobs/sha256')
    const stored: PutImage[] = []
    for (const image of images) stored.push(await storeImage(image, { ...options, accepted }, archive))
    const entries = await indexEntries(groups, stored, docker ? dockerAnnotations : layoutAnnotations, archive)
    await archive.file('index.json', formatIndex(entries))
    if (docker) await archive.file('manifest.json', dockerManifest(groups, stored))
    await archive.finish()
    return writtenImages(groups, stored, entries)
  } finally {
    await archive.close()
  }
}

/** Content of `oci-layout`. */
export const layoutMarker = Buffer.from('{"imageLayoutVersion":"1.0.0"}')

/** What a rendition says of these images. */
export function writtenImages(
  groups: readonly NameGroup[],
  images: readonly PutImage[],
  entries: readonly IndexEntry[],
): WrittenImages {
  const names = groups.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const digests = new Set(entries.map((entry) => entry.digest))
  const single = images.length === 1 ? images[0]!.manifest.digest : undefined
  const shared = digests.size === 1 ? entries[0]!.digest : undefined
  return { names, digest: single ?? shared ?? digestOf(formatIndex(entries)) }
}

function refusePlatforms(groups: readonly NameGroup[]): void {
  const group = groups.find(({ members }) => members.length > 1)
  if (!group) return
  const what = group.name === undefined ? 'without a name' : `of the name ${group.name}`
  throw new IngotError('unsupported', `a Docker archive cannot hold several platforms ${what}`, {
    hint: 'Choose one with --platform, or write oci-archive.',
  })
}

function dockerManifest(groups: readonly NameGroup[], images: readonly PutImage[]): Buffer {
  return formatDockerManifest(
    images.map(({ config, layers }, i) => ({
      config: blobPath(config.digest),
      names: groups.flatMap(({ name, members }) => (name !== undefined && members.includes(i) ? [name] : [])),
      layers: layers.map((layer) => blobPath(layer.digest)),
    })),
  )
}
