import { type Digest, digestAlgorithm, digestHex, digestOf, parseDigest } from '../../image/digest.ts'
import { IngotError } from '../../image/error.ts'
import { type ByteFile, memoryFile, readWhole } from '../../image/stream.ts'
import type { BlobTree } from '../blob-tree.ts'
import { type Descriptor, maxDocumentBytes } from './documents.ts'

/** Where a layout keeps a blob (image-spec image-layout.md). */
export function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}

/** `sha256:0123456789ab…`, for messages. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':')
  return digest.length > colon + 13 ? `${digest.slice(0, colon + 13)}…` : digest
}

/** Digest and size that a descriptor promises. Throws 'bad-input' for digests that cannot be verified. */
export function promiseOf(descriptor: Descriptor, subject: string): { readonly digest: Digest; readonly size: number } {
  return { digest: parseDigest(descriptor.digest, subject), size: descriptor.size }
}

/**
 * The content of a descriptor: embedded in it (`data`, verified here) or a blob of the tree, whose size is checked here
 * and whose digest the reader of the bytes must check. Undefined when the tree does not have it.
 */
export async function findBlob(tree: BlobTree, descriptor: Descriptor, subject: string): Promise<ByteFile | undefined> {
  const { digest, size } = promiseOf(descriptor, subject)
  if (descriptor.data) {
    const bytes = Buffer.from(descriptor.data, 'base64')
    verify(bytes, digest, size, `${subject} (data in its descriptor)`)
    return memoryFile(bytes, subject)
  }
  const file = await tree.file(blobPath(digest))
  if (file && file.size !== size) {
    throw new IngotError('corrupt', `${subject}: ${file.name} has ${file.size} bytes where ${size} were promised`)
  }
  return file
}

/** As findBlob, but throws 'not-found' for a blob that is not there. */
export async function openBlob(tree: BlobTree, descriptor: Descriptor, subject: string): Promise<ByteFile> {
  const file = await findBlob(tree, descriptor, subject)
  if (file) return file
  const foreign = (descriptor.urls ?? []).length > 0
  throw new IngotError('not-found', `${subject}: the blob ${descriptor.digest} is not in ${tree.name}`, {
    hint: foreign
      ? `It is to be had from ${descriptor.urls!.join(', ')}.`
      : 'The image was stored without all of its platforms; copy it again with --all, or choose another --platform.',
  })
}

/** A manifest, index or config: at most 4 MiB ('limit'), verified ('corrupt'). */
export async function readVerified(
  file: ByteFile,
  promise: { readonly digest: Digest; readonly size: number },
  subject: string,
): Promise<Buffer> {
  const bytes = await readWhole(file, maxDocumentBytes)
  verify(bytes, promise.digest, promise.size, subject)
  return bytes
}

/** Reads the document that a descriptor names. Throws as openBlob and readVerified. */
export async function readBlob(tree: BlobTree, descriptor: Descriptor, subject: string): Promise<Buffer> {
  return await readVerified(await openBlob(tree, descriptor, subject), promiseOf(descriptor, subject), subject)
}

function verify(bytes: Buffer, digest: Digest, size: number, subject: string): void {
  if (bytes.length !== size) {
    throw new IngotError('corrupt', `${subject}: ${bytes.length} bytes where ${size} were promised`)
  }
  const actual = digestOf(bytes, digestAlgorithm(digest))
  if (actual !== digest) {
    throw new IngotError('corrupt', `${subject}: the content's digest is ${actual}, not the promised ${digest}`)
  }
}
