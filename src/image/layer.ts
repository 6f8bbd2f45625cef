import type { Digest } from './digest.ts'
import type { EntryHeader, EntryStream } from './entry.ts'
import type { ByteStream } from './stream.ts'

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'lzma'

/** A layer as it is stored: compressed bytes with their digest. */
export interface LayerBlob {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly compression: Compression
  /** The stored bytes, verified against digest and size by the time the stream ends. */
  open(): ByteStream
}

/** One layer of an image: a set of changes, or (the bottom one) a whole root tree. Immutable; opens any number of times. */
export interface Layer {
  /** For messages, e.g. `app.tar: layer 2 (sha256:1234abcd…)`. */
  readonly name: string
  /** True when `.wh.` names are whiteouts (OCI image-spec layer.md); false when they are ordinary files. */
  readonly whiteouts: boolean
  /** Digest of the uncompressed tar, when it is known without reading. */
  readonly diffId?: Digest
  /**
   * The entries in stored order. By the end of the iteration every digest that was promised has been checked: a
   * mismatch throws 'corrupt'.
   */
  entries(): EntryStream
  /**
   * The same entries for a first look, without checking digests: only for what reads `entries()` afterwards. Absent:
   * use `entries()`.
   */
  headers?(): AsyncIterable<EntryHeader>
  /** The first of them, for as little reading as it takes; undefined in an empty layer. Absent: use `entries()`. */
  first?(): Promise<EntryHeader | undefined>
  /**
   * True when the entries are a whole tree in good order: parents before children, no path twice, nothing through a
   * symlink, hard links after their targets.
   */
  readonly canonical?: boolean
  /** The exact uncompressed tar, where the layer is stored as one. Verified likewise. */
  tar?(): ByteStream
  /** The exact stored bytes, where the layer is kept as a content-addressed blob. */
  readonly blob?: LayerBlob
}
