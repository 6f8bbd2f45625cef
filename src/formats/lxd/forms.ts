import { createHash, type Hash } from 'node:crypto'
import { compress } from '../../compression/compress.ts'
import { extensionOf } from '../../compression/detect.ts'
import type { CompressOptions } from '../../compression/types.ts'
import { openFile } from '../../host/file.ts'
import type { EntryStream } from '../../image/entry.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import { type ByteStream, collect } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import type { Flatten } from '../../layers/flatten.ts'
import { writeTar } from '../../tar/write.ts'
import { squashfsArguments, writeSquashfs } from '../squashfs/write.ts'
import { createTally, type Tally } from '../tally.ts'
import { initPaths, type TreeFindings, watchTree } from '../tree-watch.ts'
import type { Artifact, ArtifactFile, ArtifactSink } from '../types.ts'
import { completeMetadata, probedMetadata, releaseFiles } from './complete-metadata.ts'
import { metadataEntries } from './metadata-entries.ts'
import { underRoot } from './tree.ts'

/** What the forms are written from. */
export interface Job {
  readonly image: SystemImage
  readonly metadata: ImageMetadata
  /** Seconds since the epoch. */
  readonly created: number
  readonly sink: ArtifactSink
  readonly compression: CompressOptions | undefined
  readonly warn: (message: string) => void
  readonly flatten: Flatten
}

export interface Written {
  readonly files: readonly ArtifactFile[]
  readonly fingerprint: string
  /** The reading of the tree that the files are made of. */
  readonly pass: Pass
}

/** One reading of the tree. */
interface Pass {
  readonly entries: EntryStream
  readonly findings: TreeFindings
  readonly tally: Tally
}

function startPass({ image, warn, flatten }: Job): Pass {
  const { watch, findings } = watchTree(initPaths, releaseFiles)
  return { entries: watch(flatten(image.layers, image.source).entries()), findings, tally: createTally(warn) }
}

export async function writeUnified(job: Job): Promise<Written> {
  const compression = job.compression ?? { kind: 'zstd' }
  const metadata = metadataEntries(await probedMetadata(job.metadata, job.image), job.created)
  const artifact = await job.sink.create({ extension: `.tar${extensionOf(compression.kind)}` })
  const pass = startPass(job)
  async function* members(): EntryStream {
    yield* metadata
    yield* underRoot(pass.entries)
  }
  const file = await artifact.write(compress(writeTar(members()), compression))
  return { files: [file], fingerprint: file.sha256, pass }
}

export async function writeSplitTar(job: Job): Promise<Written> {
  const compression = job.compression ?? { kind: 'zstd' }
  const archive = await metadataArchive(job, await probedMetadata(job.metadata, job.image))
  const metadata = await (await createMetadata(job)).write(once(archive))
  const artifact = await job.sink.create({ role: 'rootfs', extension: `.tar${extensionOf(compression.kind)}` })
  const pass = startPass(job)
  const fingerprint = createHash('sha256').update(archive)
  const root = await artifact.write(hashed(compress(writeTar(pass.entries), compression), fingerprint))
  return { files: [metadata, root], fingerprint: fingerprint.digest('hex'), pass }
}

/** The squashfs comes first, so that the metadata can say what was seen in it. */
export async function writeSplitSquashfs(job: Job): Promise<Written> {
  squashfsArguments('', job.compression, job.created) // fails before anything is written
  const artifact = await createMetadata(job)
  const rootArtifact = await job.sink.create({ role: 'rootfs', extension: '.squashfs' })
  const path = await rootArtifact.path()
  const pass = startPass(job)
  await writeSquashfs(pass.entries, path, { ...job, tally: pass.tally })
  const archive = await metadataArchive(job, completeMetadata(job.metadata, pass.findings))
  const fingerprint = createHash('sha256').update(archive)
  for await (const chunk of (await openFile(path)).open()) fingerprint.update(chunk)
  const files = [await artifact.write(once(archive)), await rootArtifact.finish()]
  return { files, fingerprint: fingerprint.digest('hex'), pass }
}

const defaultMetadataCompression: CompressOptions = { kind: 'gzip' }

async function createMetadata({ sink, compression = defaultMetadataCompression }: Job): Promise<Artifact> {
  return await sink.create({ role: 'lxd', extension: `.tar${extensionOf(compression.kind)}` })
}

async function metadataArchive(job: Job, metadata: ImageMetadata): Promise<Buffer> {
  async function* members(): EntryStream {
    yield* metadataEntries(metadata, job.created)
  }
  return await collect(compress(writeTar(members()), job.compression ?? defaultMetadataCompression))
}

async function* once(bytes: Buffer): ByteStream {
  yield bytes
}

async function* hashed(stream: ByteStream, hash: Hash): ByteStream {
  for await (const chunk of stream) {
    hash.update(chunk)
    yield chunk
  }
}
