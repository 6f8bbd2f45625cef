import { pour } from '../formats/pour.ts'
import { fileSink } from '../formats/sink.ts'
import type { Artifact, ArtifactFile, ArtifactSink, Rendition } from '../formats/types.ts'
import { verified } from '../image/digest.ts'
import { debianArchitecture } from '../image/platform.ts'
import type { ImageRecord } from './catalog/image-record.ts'
import type { Catalog } from './catalog/open.ts'
import { type FoundImage, findServedImage, type Which } from './find.ts'
import { type RenditionWish, renditionOf } from './renditions.ts'
import { readDays } from './settings.ts'
import type { Store } from './store.ts'
import { openStoredImage, renditionFiles, type StoredFile } from './stored-image.ts'
import { noteUse } from './use.ts'

export interface ExportOptions extends Which, Partial<RenditionWish> {
  /** `-`, file, prefix or folder. */
  readonly out: string
  readonly force?: boolean | undefined
  readonly warn: (message: string) => void
}

/**
 * Gives an image out: the bytes that came in, or with `to` another format, which is kept as a rendition. Every byte is verified on
 * the way, and all files appear together, or none. Throws 'not-found' also for expired images, 'corrupt', and what pour throws.
 */
export async function exportImage(store: Store, name: string, options: ExportOptions): Promise<Rendition> {
  const catalog = await store.catalog()
  const found = await findServedImage(catalog, name, options)
  await warnOfExpiry(catalog, name, found.record, options.warn)
  const rendition = await give(store, found, name, options)
  noteUse(store.database, found.id)
  return rendition
}

/** So many days ahead as `images.expiry_warning` says, and afterwards where expired images are given all the same. */
async function warnOfExpiry(
  catalog: Catalog,
  name: string,
  { expiresAt }: ImageRecord,
  warn: (message: string) => void,
): Promise<void> {
  if (expiresAt === undefined || expiresAt > Date.now() / 1000 + (await readDays(catalog, 'images.expiry_warning')))
    return
  const verb = expiresAt * 1000 <= Date.now() ? 'expired' : 'expires'
  warn(`the image ${name} ${verb} on ${new Date(expiresAt * 1000).toISOString().slice(0, 10)}`)
}

async function give(store: Store, found: FoundImage, name: string, options: ExportOptions): Promise<Rendition> {
  const { record } = found
  const { to, out } = options
  const same = to === undefined || (to === record.format && !options.variant && !options.compression && !options.names)
  const directory = to === 'dir' || to === 'oci' || (same && record.format === 'oci')
  if (directory) {
    const image = await openStoredImage(store, found)
    const names = image.names.slice(0, 1)
    const named = to === 'dir' ? {} : { names: options.names ?? names }
    return await pour([image], {
      ...options,
      ...named,
      to: to ?? 'oci',
      out: out === '.' ? `${stem(record, name)}.oci` : out,
    })
  }
  const files = same
    ? await renditionFiles(await store.catalog(), found.id)
    : await renditionOf(store, found, { ...options, to: to! }, options.warn)
  const sink = fileSink({ out, defaultName: async () => stem(record, name), force: options.force ?? false })
  try {
    const written: ArtifactFile[] = []
    for (const file of files) written.push(await copyOut(store, file, files.length > 1, sink))
    await sink.commit()
    const fingerprint = same ? record.fingerprint : undefined
    return { format: to ?? record.format, files: written, ...(fingerprint ? { fingerprint } : {}) }
  } catch (error) {
    await sink.abort()
    throw error
  }
}

async function copyOut(store: Store, file: StoredFile, several: boolean, sink: ArtifactSink): Promise<ArtifactFile> {
  const { digest, size } = file
  const artifact = await createArtifact(file, several, sink)
  return await artifact.write(verified((await store.blobs.open(digest)).open(), { digest, size }, `the blob ${digest}`))
}

async function createArtifact({ suffix, name }: StoredFile, several: boolean, sink: ArtifactSink): Promise<Artifact> {
  if (!several) return await sink.create({ extension: suffix, ...(name ? { suggestedName: name } : {}) })
  const [, role, extension] = /^\.([a-z]+)(\..*)$/.exec(suffix) ?? ['', 'file', suffix]
  return await sink.create({ role: role!, extension: extension! })
}

/** A file name for an image, without extension: the alias that it was asked for by, else its shortest one, else what it is. */
function stem({ aliases, properties, architecture, fingerprint }: ImageRecord, asked: string): string {
  const names = aliases.map(({ name }) => name).sort((a, b) => a.length - b.length)
  const alias = names.find((name) => name === asked.normalize('NFC')) ?? names[0]
  const { os, release } = properties
  const text =
    alias ?? (os && release ? `${os}-${release}-${debianArchitecture(architecture)}` : fingerprint.slice(0, 12))
  return text.replace(/[^\p{Letter}\p{Number}_.+-]+/gu, '-').replace(/^[.-]+/, '') || fingerprint.slice(0, 12)
}
