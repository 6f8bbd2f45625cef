import { type Attachment, artifactOf } from '../formats/oci/attachment.ts'
import { verified } from '../image/digest.ts'
import { IngotError } from '../image/error.ts'
import { type ByteStream, collect } from '../image/stream.ts'
import type { Staging } from './blobs/types.ts'
import type { FoundImage } from './find.ts'
import { insertRendition, type NewFile, type NewRendition } from './new-image.ts'
import type { Store } from './store.ts'
import { renditionFiles, type StoredFile } from './stored-image.ts'
import { note, placeWith, settle } from './unsettled.ts'

/** Renditions of this format are artifacts whose subject is the image: their manifest, configuration and content. */
export const attachmentFormat = 'attachment'
const prefix = 'attachment '

/** An attachment of a stored image. */
export interface KeptAttachment {
  readonly artifactType: string
  readonly manifest: StoredFile
  readonly content: StoredFile
}

/**
 * Keeps attachments beside an image that is kept as OCI blobs, each in place of one of its type that was there, all or none. They go with the image.
 * Throws 'unsupported' for an image without a manifest.
 */
export async function attachTo(
  store: Store,
  { id, record }: FoundImage,
  attachments: readonly Attachment[],
): Promise<void> {
  const [manifest] = await renditionFiles(await store.catalog(), id)
  if (manifest?.kind !== 'blob')
    throw new IngotError(
      'unsupported',
      `the image ${record.fingerprint} has no OCI manifest that anything could be attached to`,
    )
  const now = Math.floor(Date.now() / 1000)
  const staging = await store.blobs.stage()
  try {
    const renditions: NewRendition[] = []
    for (const attachment of attachments) {
      const { artifactType } = attachment
      const { manifest: own, blobs } = artifactOf(attachment, manifest)
      const files = await stageAll(staging, [own, ...blobs])
      renditions.push({
        key: prefix + artifactType,
        format: attachmentFormat,
        variant: artifactType,
        fingerprint: undefined,
        files,
        now,
      })
    }
    const staged = renditions.flatMap(({ files }) => files.map((file) => file.blob))
    await store.exclusively(async (catalog) => {
      await placeWith(catalog, store.blobs, staged, async (inside) => {
        for (const rendition of renditions) {
          const before = await renditionFiles(inside, id, rendition.key)
          await note(
            inside,
            before.map(({ digest }) => digest),
          )
          await insertRendition(inside, id, rendition)
        }
      })
      await settle(catalog, store.blobs)
    })
  } finally {
    await staging.remove()
  }
}

/** What is attached to an image, by type. */
export async function attachmentsOf(store: Store, { id }: FoundImage): Promise<readonly KeptAttachment[]> {
  const catalog = await store.catalog()
  const rows = await catalog
    .selectFrom('renditions')
    .select(['key', 'variant'])
    .where('image_id', '=', id)
    .where('format', '=', attachmentFormat)
    .orderBy('key')
    .execute()
  const found: KeptAttachment[] = []
  for (const { key, variant } of rows) {
    const [manifest, , content] = await renditionFiles(catalog, id, key)
    if (manifest && content) found.push({ artifactType: variant ?? '', manifest, content })
  }
  return found
}

/** The content of an attachment, verified. Throws 'corrupt' and 'not-found'. */
export async function readAttachment(store: Store, { content: { digest, size } }: KeptAttachment): Promise<Buffer> {
  return await collect(verified((await store.blobs.open(digest)).open(), { digest, size }, `the blob ${digest}`))
}

async function stageAll(staging: Staging, contents: readonly Buffer[]): Promise<readonly NewFile[]> {
  const files: NewFile[] = []
  for (const content of contents)
    files.push({ kind: 'blob', suffix: '', name: '', blob: await staging.write(streamOf(content)) })
  return files
}

async function* streamOf(content: Buffer): ByteStream {
  yield content
}
