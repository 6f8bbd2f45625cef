import type { ByteString } from '../../image/bytes.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { parseOsRelease } from '../../layers/os-release.ts'
import { probeTree } from '../../layers/probe.ts'
import { releaseProperties } from '../tree-candidate.ts'
import type { TreeFindings } from '../tree-watch.ts'

/** The files to watch for `completeMetadata`. */
export const releaseFiles: readonly ByteString[] = ['etc/os-release', 'usr/lib/os-release']

/** OCI images do not say their os and release, which image servers list LXD images by: then os-release does. */
export function completeMetadata(metadata: ImageMetadata, tree: TreeFindings): ImageMetadata {
  const [etc, usr] = releaseFiles.map((path) => tree.text(path))
  return complete(metadata, parseOsRelease(etc ?? usr ?? ''))
}

/** The same for when the metadata must be written before the tree: reads the tree as far as it takes, if it must. */
export async function probedMetadata(metadata: ImageMetadata, image: SystemImage): Promise<ImageMetadata> {
  if (saysRelease(metadata)) return metadata
  return complete(metadata, (await probeTree(flatten(image.layers, image.source))).osRelease)
}

function saysRelease({ properties }: ImageMetadata): boolean {
  return properties.os !== undefined && properties.release !== undefined
}

function complete(metadata: ImageMetadata, release: ReadonlyMap<string, string>): ImageMetadata {
  if (saysRelease(metadata)) return metadata
  return { ...metadata, properties: { ...releaseProperties(release), ...metadata.properties } }
}
