import type { Digest } from '../../image/digest.ts'
import type { ByteFile, ByteStream } from '../../image/stream.ts'

/** Bytes by their SHA-256, where a store keeps them: files now. */
export interface BlobDriver {
  /** A place to bring blobs to before they count; nothing in it can be seen. Gone with its process, whichever way that ends. */
  stage(): Promise<Staging>
  /**
   * Gives staged blobs their final names, durably, in place of those that are there already. The caller holds the store's lock and
   * has noted them down, so that they can be taken back when it is killed.
   */
  place(blobs: readonly StagedBlob[]): Promise<void>
  /** Whether a blob is there with this size. */
  has(digest: Digest, size: number): Promise<boolean>
  /** The bytes, not verified. Throws 'not-found'. */
  open(digest: Digest): Promise<ByteFile>
  /** The path of the file, for programs that want one. */
  path(digest: Digest): string
  /** Takes blobs away, durably; those that are not there are passed over. The caller holds the store's lock. */
  remove(digests: readonly Digest[]): Promise<void>
  /** All that is there, in no order, other people's files included (by name, without digest). */
  list(): AsyncIterable<StoredBlob>
}

export interface StoredBlob {
  readonly name: string
  /** Undefined for a file that is no blob. */
  readonly digest: Digest | undefined
  readonly size: number
}

/** A blob that has been brought but does not count yet. */
export interface StagedBlob {
  readonly digest: Digest
  readonly size: number
  readonly path: string
}

export interface Staging {
  /** A folder for whatever needs one. */
  readonly path: string
  /** Brings a stream. It is on disk when this resolves. */
  write(stream: ByteStream): Promise<StagedBlob>
  /** Takes a finished file of the folder as a blob; hashes it, unless its digest is known. */
  adopt(path: string, digest?: Digest): Promise<StagedBlob>
  /** Removes everything that has not been placed. */
  remove(): Promise<void>
}
