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
  /** A virtual machine's image has a disk instead of a tree: its one layer throws 'unsupported' when it is read. Default: container. */
  readonly type?: 'virtual-machine'
  /** Bottom first; never empty unless the image has no files. */
  readonly layers: readonly Layer[]
  /**
   * What is said or found about the image. Formats without metadata of their own (rootfs, proxmox, dir) look into the
   * tree for it, which reads the layer once: so it is a call, computed once, and not made by conversions that need none.
   */
  metadata(): Promise<ImageMetadata>
  /**
   * The documents that the image was read from, where it came with any. They describe exactly these layers and this
   * metadata: whatever wraps an image to change one of the two leaves this out. OCI and Docker writers pass them on
   * unchanged when they still fit, so that ImageID and digest stay the same.
   */
  readonly origin?: ImageOrigin
}

/** Exact bytes of an OCI or Docker image's documents. */
export interface ImageOrigin {
  readonly config: Buffer
  /** An image manifest; absent for Docker archives of the old form. */
  readonly manifest?: Buffer
}
