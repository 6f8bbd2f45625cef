import { digestOf } from '../../image/digest.ts'
import { type BlobPromise, type BlobStore, putBytes } from '../blob-store.ts'
import { formatDocument } from './documents.ts'
import { mediaTypes } from './media-types.ts'

/** Something that is said of an image and kept beside it: an SBOM, where it comes from. */
export interface Attachment {
  /** What it is, as registries list it: `application/spdx+json`. */
  readonly artifactType: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly content: Buffer
}

/** The manifest of an attachment and the blobs that it names. */
export interface Artifact {
  readonly manifest: Buffer
  /** The configuration, and the content. */
  readonly blobs: readonly Buffer[]
}

/** image-spec manifest.md, "Guidance for an Empty Descriptor". */
const empty = Buffer.from('{}')
const emptyType = 'application/vnd.oci.empty.v1+json'

/** An attachment as an OCI artifact whose subject is an image's manifest (image-spec manifest.md, "Guidelines for Artifact Usage"). */
export function artifactOf({ artifactType, annotations, content }: Attachment, subject: BlobPromise): Artifact {
  const descriptor = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
  const manifest = formatDocument({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: descriptor(emptyType, empty),
    layers: [{ ...descriptor(artifactType, content), annotations }],
    subject: { mediaType: mediaTypes.manifest, digest: subject.digest, size: subject.size },
  })
  return { manifest, blobs: [empty, content] }
}

/** Stores an attachment; resolves to the promise of its manifest. */
export async function storeAttachment(
  attachment: Attachment,
  subject: BlobPromise,
  store: BlobStore,
): Promise<BlobPromise> {
  const { manifest, blobs } = artifactOf(attachment, subject)
  for (const blob of blobs) await putBytes(store, blob)
  return await putBytes(store, manifest)
}
