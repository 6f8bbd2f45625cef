import { compress } from '../../compression/compress.ts'
import { extensionOf } from '../../compression/detect.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { writeTar } from '../../tar/write.ts'
import { oneImage } from '../one-image.ts'
import type { ArtifactSink, Rendition, WriteOptions } from '../types.ts'

/** Writes the flattened tree as one tar; default compression zstd. Throws 'unsupported' for several images. */
export async function writeRootfs(
  images: readonly SystemImage[],
  options: WriteOptions,
  sink: ArtifactSink,
): Promise<Rendition> {
  const image = oneImage(images, 'rootfs')
  const compression = options.compression ?? { kind: 'zstd' }
  const artifact = await sink.create({ extension: `.tar${extensionOf(compression.kind)}` })
  const tree = options.flatten(image.layers, image.source)
  const file = await artifact.write(compress(writeTar(tree.entries()), compression))
  return { format: 'rootfs', files: [file], fingerprint: file.sha256 }
}
