import type { Layer } from './layer.ts'
import type { ImageMetadata } from './metadata.ts'

/**
 * The hub noun: every format reads into it and writes from it. Immutable and lazy: nothing is read until a layer is
 * opened or metadata is asked for. Transforms wrap one and return one.
 */
export interface SystemImage {
  /** Where it came from, for messages. */
  readonly source: string
  /** Names the input carries (`debian:12`, OCI ref names); possibly none. */
  readonly names: readonly string[]
  /** Bottom first; never empty unless the image has no files. */
  readonly layers: readonly Layer[]
  /**
   * What is said or found about the image. Formats without metadata of their own (rootfs, proxmox, dir) look into the
   * tree for it, which reads the layer once: so it is a call, computed once, and not made by conversions that need none.
   */
  metadata(): Promise<ImageMetadata>
}
