import type { Architecture } from '../../image/platform.ts'

export type ImageType = 'container' | 'virtual-machine'

/** One more name of an image. A name may stand for one image of each architecture and type. */
export interface ImageAlias {
  readonly name: string
  readonly description: string
}

/** Where an image came from, for refreshing it (LXD's update_source). */
export interface ImageSource {
  /** `file`, `build`, or a remote's protocol: `lxd`, `simplestreams`, `registry` … */
  readonly protocol: string
  /** The remote's address, the file's path, or the recipe's. */
  readonly server: string
  /** What was asked for there; '' when it was asked for by its fingerprint, and so can never change. */
  readonly alias: string
}

/** An image of the store as the catalog knows it. Times are seconds since the epoch; sizes bytes. */
export interface ImageRecord {
  /** 64 lower-case hex digits. */
  readonly fingerprint: string
  /** Of its primary rendition: `lxd`, `oci`, `docker` … */
  readonly format: string
  readonly variant: string | undefined
  readonly type: ImageType
  readonly architecture: Architecture
  /** Of its primary rendition. */
  readonly size: number
  readonly public: boolean
  readonly autoUpdate: boolean
  /** Fetched for use, not asked for: goes when it was not used for some days. */
  readonly cached: boolean
  readonly createdAt: number | undefined
  readonly expiresAt: number | undefined
  readonly uploadedAt: number
  readonly lastUsedAt: number | undefined
  /** Since when another image has had its last alias; it is kept for a grace time. */
  readonly replacedAt: number | undefined
  /** File name under which it came, without its folder; '' when there was none. */
  readonly fileName: string
  readonly source: ImageSource | undefined
  readonly properties: Readonly<Record<string, string>>
  /** Sorted by name. */
  readonly aliases: readonly ImageAlias[]
}
