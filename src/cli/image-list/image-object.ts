import type { Architecture } from '../../image/platform.ts'
import { isGiven, isoTime } from '../../image/time-text.ts'
import type { ImageAlias, ImageRecord, ImageType } from '../../store/catalog/image-record.ts'

/** An image as LXD's REST API and `lxc image list --format json` give it, with Ingot's `format` and `variant` after that. */
export interface ImageObject {
  readonly auto_update: boolean
  readonly properties: Readonly<Record<string, string>>
  readonly public: boolean
  readonly expires_at: string
  readonly profiles: readonly string[]
  readonly aliases: readonly ImageAlias[]
  readonly architecture: Architecture
  readonly cached: boolean
  readonly filename: string
  readonly fingerprint: string
  /** Bytes. */
  readonly size: number
  readonly update_source?: {
    readonly alias: string
    readonly certificate: string
    readonly protocol: string
    readonly server: string
    readonly image_type: ImageType
  }
  readonly type: ImageType
  readonly created_at: string
  readonly last_used_at: string
  readonly uploaded_at: string
  readonly format: string
  readonly variant?: string
}

/** The profiles of every image: Ingot has none, and LXD gives an image that names none this one. */
export const imageProfiles: readonly string[] = ['default']

/**
 * The object, its keys in LXD's order and properties by name. Times are ISO 8601 in whole seconds; for one that is not
 * known it has what LXD has: 1970 for the expiry, the year 1 for the others.
 */
export function imageObject(image: ImageRecord): ImageObject {
  const { source, variant, type } = image
  return {
    auto_update: image.autoUpdate,
    properties: sortedByKey(image.properties),
    public: image.public,
    expires_at: isGiven(image.expiresAt) ? isoTime(image.expiresAt) : '1970-01-01T00:00:00Z',
    profiles: imageProfiles,
    aliases: image.aliases.map(({ name, description }) => ({ name, description })),
    architecture: image.architecture,
    cached: image.cached,
    filename: image.fileName,
    fingerprint: image.fingerprint,
    size: image.size,
    ...(source === undefined
      ? {}
      : {
          update_source: {
            alias: source.alias,
            certificate: '',
            protocol: source.protocol,
            server: source.server,
            image_type: type,
          },
        }),
    type,
    created_at: timeOrNone(image.createdAt),
    last_used_at: timeOrNone(image.lastUsedAt),
    uploaded_at: isoTime(image.uploadedAt),
    format: image.format,
    ...(variant === undefined ? {} : { variant }),
  }
}

function timeOrNone(seconds: number | undefined): string {
  return isGiven(seconds) ? isoTime(seconds) : '0001-01-01T00:00:00Z'
}

/** The same properties, sorted by name. */
export function sortedByKey(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)))
}
