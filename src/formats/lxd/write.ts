import type { SystemImage } from '../../image/system-image.ts'
import { warnOfRunConfig } from '../lost-run-config.ts'
import { oneImage } from '../one-image.ts'
import { hasInit } from '../tree-watch.ts'
import type { ArtifactSink, Rendition, WriteOptions } from '../types.ts'
import { writeSplitSquashfs, writeSplitTar, writeUnified } from './forms.ts'
import { metadataEntries } from './metadata-entries.ts'
import { creationDate } from './render-metadata.ts'

const forms = { 'split-squashfs': writeSplitSquashfs, 'split-tar': writeSplitTar, unified: writeUnified } as const

/**
 * Writes a metadata archive and a squashfs (`split-squashfs`, the default) or tar (`split-tar`), or one archive of both
 * (`unified`). `compression` is for all files; default zstd, and gzip for a metadata archive. An image that does not
 * say when it was made gets creation_date 1, the first that LXD takes; os and release that it does not say are taken
 * from its tree. Throws 'unsupported' for several images.
 */
export async function writeLxd(
  images: readonly SystemImage[],
  options: WriteOptions,
  sink: ArtifactSink,
): Promise<Rendition> {
  const image = oneImage(images, 'lxd')
  const metadata = await image.metadata()
  const date = creationDate(metadata)
  const created = date ?? 1
  metadataEntries(metadata, created) // fails before anything is written

  const variant = (options.variant as keyof typeof forms | undefined) ?? 'split-squashfs'
  const { files, fingerprint, pass } = await forms[variant]({
    image,
    metadata,
    created,
    sink,
    compression: options.compression,
    warn: options.warn,
    flatten: options.flatten,
  })
  pass.tally.report()
  if (date === undefined) options.warn('the image does not say when it was made: its creation_date is 1 (1970)')
  warnOfRunConfig(metadata.run, 'LXD images', options.warn)
  if (!hasInit(pass.findings)) options.warn('there is no /sbin/init: LXD cannot start a container of this image')
  return { format: 'lxd', variant, files, fingerprint }
}
