import type { Compression } from '../image/layer.ts'

export interface Limits {
  /** Most bytes that may come out. Default 1 TiB; 0 = no limit. */
  readonly maxBytes?: number
  /** Most bytes out per byte in, looked at once more than 1 GiB has come out. Default 1100 (deflate's own ceiling is 1032); 0 = no limit. */
  readonly maxRatio?: number
}

export interface DecompressOptions {
  /** Named in every error. */
  readonly name: string
  /** Default: detected from the first bytes. */
  readonly kind?: Compression
  readonly limits?: Limits
  /** Only the beginning is wanted: little is unpacked ahead of what is asked for. */
  readonly brief?: boolean
}

export interface CompressOptions {
  readonly kind: Exclude<Compression, 'bzip2' | 'lzma'>
  /** gzip 1–9 (default 6), zstd 1–22 (default 3), xz 0–9 (default 6). */
  readonly level?: number
}
