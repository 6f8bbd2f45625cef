import { createHash } from 'node:crypto'
import { type Digest, type DigestAlgorithm, digestOf, verified } from '../image/digest.ts'
import type { ByteStream } from '../image/stream.ts'

/** Where a writer of OCI images puts blobs, named by their digests. */
export interface BlobStore {
  /** Stores content whose digest and size are known; does not open it when it is there already. Throws 'corrupt' when it differs. */
  putKnown(promise: BlobPromise, open: () => ByteStream): Promise<void>
  /** Stores content and tells its SHA-256 digest and its size in bytes. */
  putStream(stream: ByteStream): Promise<BlobPromise>
}

export interface BlobPromise {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

/** Stores bytes in memory. */
export async function putBytes(
  store: BlobStore,
  bytes: Buffer,
  algorithm: DigestAlgorithm = 'sha256',
): Promise<BlobPromise> {
  const promise = { digest: digestOf(bytes, algorithm), size: bytes.length }
  await store.putKnown(promise, () => once(bytes))
  return promise
}

/** A stream passed through, its digest and size known once it has ended. */
export function measured(stream: ByteStream): { readonly stream: ByteStream; result(): BlobPromise } {
  const hash = createHash('sha256')
  let size = 0
  let result: BlobPromise | undefined
  async function* pass(): ByteStream {
    for await (const chunk of stream) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
    result = { digest: `sha256:${hash.digest('hex')}`, size }
  }
  return {
    stream: pass(),
    result() {
      if (!result) throw new Error('measured(): the stream was not read to its end')
      return result
    },
  }
}

/** The stream checked against a promise, with `subject` for messages. */
export function checkedBlob(promise: BlobPromise, open: () => ByteStream): ByteStream {
  return verified(open(), promise, `blob ${promise.digest}`)
}

async function* once(bytes: Buffer): ByteStream {
  if (bytes.length > 0) yield bytes
}
