import { IngotError } from '../../image/error.ts'

/** Media types that Ingot writes (image-spec media-types.md). */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
} as const

/** The same things in Docker's words, which are read as well. */
export const dockerMediaTypes = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
} as const

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.index || mediaType === dockerMediaTypes.index
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === mediaTypes.manifest || mediaType === dockerMediaTypes.manifest
}

export function isConfigType(mediaType: string): boolean {
  return mediaType === mediaTypes.config || mediaType === dockerMediaTypes.config
}

const layerType =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar(\+(gzip|zstd))?|docker\.image\.rootfs\.(foreign\.)?diff\.tar(\.(gzip|zstd))?)$/

/** Throws 'unsupported' when a layer's media type is not that of a tar, plain or compressed. */
export function checkLayerType(mediaType: string, subject: string): void {
  if (layerType.test(mediaType)) return
  if (mediaType.endsWith('+encrypted')) {
    throw new IngotError('unsupported', `${subject}: the layer is encrypted (${mediaType})`, {
      hint: 'Decrypt it first, for instance with skopeo copy --decryption-key.',
    })
  }
  throw new IngotError('unsupported', `${subject}: unknown kind of layer: ${mediaType}`)
}

/** Compressions that OCI layers may have. */
export type LayerCompression = 'none' | 'gzip' | 'zstd'

/** The media type of a layer that Ingot writes. */
export function layerMediaType(compression: LayerCompression): string {
  return `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`
}
