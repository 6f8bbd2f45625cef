import { singleImageTree } from '../formats/oci/single-image-tree.ts'
import { formatNamed } from '../formats/registry.ts'
import type { Candidate, FilePart, ReadOptions } from '../formats/types.ts'
import { openFile } from '../host/file.ts'
import { type Digest, parseDigest, verified } from '../image/digest.ts'
import { IngotError } from '../image/error.ts'
import { type ByteFile, readWhole } from '../image/stream.ts'
import type { SystemImage } from '../image/system-image.ts'
import type { BlobDriver } from './blobs/types.ts'
import type { Catalog } from './catalog/open.ts'
import type { FoundImage } from './find.ts'
import { primaryKey } from './new-image.ts'
import type { Store } from './store.ts'

/** One of a rendition's files as the store has it. */
export interface StoredFile {
  readonly kind: 'file' | 'blob'
  readonly suffix: string
  readonly name: string
  readonly digest: Digest
  readonly size: number
}

/** The files of one of an image's renditions, in order; none when the store does not have it now. Throws 'corrupt'. */
export async function renditionFiles(catalog: Catalog, id: number, key = primaryKey): Promise<readonly StoredFile[]> {
  const rows = await catalog
    .selectFrom('rendition_files')
    .innerJoin('renditions', 'renditions.id', 'rendition_files.rendition_id')
    .select(['kind', 'suffix', 'rendition_files.name', 'digest', 'size'])
    .where('image_id', '=', id)
    .where('key', '=', key)
    .orderBy('position')
    .execute()
  return rows.map(({ kind, suffix, name, digest, size }) => {
    if (/[/\0]/.test(suffix + name))
      throw new IngotError('corrupt', `the catalog has a file name with a slash: ${name}${suffix}`)
    return { kind: kind === 'blob' ? 'blob' : 'file', suffix, name, size, digest: parseDigest(digest, 'the catalog') }
  })
}

/** Reads a blob of the store to its end: throws 'corrupt' when it is not what it was, 'not-found' when it is gone. */
export async function checkBlob(
  blobs: BlobDriver,
  { digest, size }: Pick<StoredFile, 'digest' | 'size'>,
): Promise<void> {
  for await (const _ of verified((await blobs.open(digest)).open(), { digest, size }, `the blob ${digest}`));
}

/**
 * Opens a stored image by its primary rendition, for being written in another format. All its bytes are verified first: what is
 * damaged is never passed on. Throws 'corrupt' and 'not-found'.
 */
export async function openStoredImage(
  store: Store,
  { id, record }: FoundImage,
  options: ReadOptions = {},
): Promise<SystemImage> {
  const files = await renditionFiles(await store.catalog(), id)
  if (files.length === 0) throw new IngotError('corrupt', `the image ${record.fingerprint} has no files`)
  for (const file of files) await checkBlob(store.blobs, file)
  const label = record.aliases[0]?.name ?? record.fingerprint.slice(0, 12)
  const reading = { architecture: record.architecture, ...options }
  const candidates =
    files[0]!.kind === 'blob'
      ? await blobCandidates(store, files, label, reading)
      : await fileCandidates(store, record.format, files, label, reading)
  const [candidate, ...others] = candidates
  if (!candidate || others.length > 0)
    throw new IngotError('corrupt', `the image ${record.fingerprint} is not one image`)
  return { ...(await candidate.open()), names: record.aliases.map((alias) => alias.name) }
}

async function blobCandidates(
  store: Store,
  files: readonly StoredFile[],
  label: string,
  options: ReadOptions,
): Promise<readonly Candidate[]> {
  const { layoutCandidates } = await import('../formats/oci/read.ts')
  const [manifest] = files
  const bytes = await readWhole(await store.blobs.open(manifest!.digest), 4 * 1024 * 1024)
  const open = new Map<Digest, () => Promise<ByteFile>>()
  for (const { digest } of files) open.set(digest, async () => await store.blobs.open(digest))
  return await layoutCandidates(singleImageTree(label, bytes, open), options)
}

async function fileCandidates(
  store: Store,
  format: string,
  files: readonly StoredFile[],
  label: string,
  options: ReadOptions,
): Promise<readonly Candidate[]> {
  const parts: FilePart[] = []
  for (const { digest, suffix } of files) {
    const path = store.blobs.path(digest)
    parts.push({ kind: 'file', path, file: { ...(await openFile(path)), name: `${label}${suffix}` } })
  }
  return await formatNamed(format).list({ display: label, parts }, options)
}
