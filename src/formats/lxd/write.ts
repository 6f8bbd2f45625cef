import { createHash, type Hash } from 'node:crypto'
import { compress } from '../../compression/compress.ts'
import { extensionOf } from '../../compression/detect.ts'
import type { CompressOptions } from '../../compression/types.ts'
import { openFile } from '../../host/file.ts'
import type { Entry, EntryStream } from '../../image/entry.ts'
import { type ByteStream, collect } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { flatten } from '../../layers/flatten.ts'
import { writeTar } from '../../tar/write.ts'
import { warnOfRunConfig } from '../lost-run-config.ts'
import { oneImage } from '../one-image.ts'
import { squashfsArguments, writeSquashfs } from '../squashfs/write.ts'
import { createTally, type Tally } from '../tally.ts'
import { hasInit, initPaths, watchTree } from '../tree-watch.ts'
import type { ArtifactFile, ArtifactSink, Rendition, WriteOptions } from '../types.ts'
import { metadataEntries } from './metadata-entries.ts'
import { creationDate } from './render-metadata.ts'
import { underRoot } from './tree.ts'

export const lxdVariants = ['split-squashfs', 'split-tar', 'unified'] as const

/** What the three forms are written from. */
interface Job {
  readonly variant: string
  readonly metadata: readonly Entry[]
  readonly created: number
  readonly tree: EntryStream
  readonly tally: Tally
  readonly compression: CompressOptions | undefined
  readonly sink: ArtifactSink
}

/**
 * Writes a metadata archive and a squashfs (`split-squashfs`, the default) or tar (`split-tar`), or one archive of both
 * (`unified`). `compression` is for all files; default zstd, and gzip for a metadata archive. An image that does not
 * say when it was made gets creation_date 1, the first that LXD takes. Throws 'unsupported' for several images.
 */
export async function writeLxd(
  images: readonly SystemImage[],
  options: WriteOptions,
  sink: ArtifactSink,
): Promise<Rendition> {
  const image = oneImage(images, 'lxd')
  const metadata = await image.metadata()
  const created = creationDate(metadata)
  const tally = createTally(options.warn)
  const watched = watchTree(initPaths)
  const job: Job = {
    variant: options.variant ?? 'split-squashfs',
    metadata: metadataEntries(metadata, created ?? 1),
    created: created ?? 1,
    tree: watched.watch(flatten(image.layers, image.source).entries()),
    tally,
    compression: options.compression,
    sink,
  }
  const written = job.variant === 'unified' ? await writeUnified(job) : await writeSplit(job)
  tally.report()
  if (created === undefined) options.warn('the image does not say when it was made: its creation_date is 1 (1970)')
  warnOfRunConfig(metadata.run, 'LXD images', options.warn)
  if (!hasInit(watched.findings)) options.warn('there is no /sbin/init: LXD cannot start a container of this image')
  return { format: 'lxd', variant: job.variant, ...written }
}

type Written = Required<Pick<Rendition, 'files' | 'fingerprint'>>

async function writeUnified({ sink, metadata, tree, compression = { kind: 'zstd' } }: Job): Promise<Written> {
  async function* all(): EntryStream {
    yield* metadata
    yield* underRoot(tree)
  }
  const artifact = await sink.create({ extension: `.tar${extensionOf(compression.kind)}` })
  const file = await artifact.write(compress(writeTar(all()), compression))
  return { files: [file], fingerprint: file.sha256 }
}

/** The fingerprint is the SHA-256 of both files' bytes, one after the other. */
async function writeSplit(job: Job): Promise<Written> {
  const { sink, compression = { kind: 'gzip' } } = job
  const squashfs = job.variant === 'split-squashfs'
  if (squashfs) squashfsArguments('', job) // fails before there is anything to write
  const hash = createHash('sha256')
  const artifact = await sink.create({ role: 'lxd', extension: `.tar${extensionOf(compression.kind)}` })
  const archive = await collect(compress(writeTar(streamOf(job.metadata)), compression))
  const metadata = await artifact.write(hashed(streamOf([archive]), hash))
  const root = squashfs ? await writeRootSquashfs(job, hash) : await writeRootTar(job, hash)
  return { files: [metadata, root], fingerprint: hash.digest('hex') }
}

async function writeRootTar({ sink, tree, compression = { kind: 'zstd' } }: Job, hash: Hash): Promise<ArtifactFile> {
  const artifact = await sink.create({ role: 'rootfs', extension: `.tar${extensionOf(compression.kind)}` })
  return await artifact.write(hashed(compress(writeTar(tree), compression), hash))
}

async function writeRootSquashfs(job: Job, hash: Hash): Promise<ArtifactFile> {
  const artifact = await job.sink.create({ role: 'rootfs', extension: '.squashfs' })
  const path = await artifact.path()
  await writeSquashfs(job.tree, path, job)
  for await (const chunk of (await openFile(path)).open()) hash.update(chunk)
  return await artifact.finish()
}

async function* streamOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function* hashed(stream: ByteStream, hash: Hash): ByteStream {
  for await (const chunk of stream) {
    hash.update(chunk)
    yield chunk
  }
}
