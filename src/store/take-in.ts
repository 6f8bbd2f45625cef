import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { manifestBlobs } from '../formats/oci/single-image-tree.ts'
import { writeOciLayout } from '../formats/oci/write-layout.ts'
import { pour } from '../formats/pour.ts'
import type { FilePart, ImageInput } from '../formats/types.ts'
import { openFile } from '../host/file.ts'
import { type Digest, digestHex, digestOf } from '../image/digest.ts'
import { type ByteStream, readWhole } from '../image/stream.ts'
import type { SystemImage } from '../image/system-image.ts'
import { flatten } from '../layers/flatten.ts'
import type { StagedBlob, Staging } from './blobs/types.ts'
import type { ImageType } from './catalog/image-record.ts'
import type { NewFile } from './new-image.ts'
import { fileParts, suffixesOf } from './parts.ts'

/** What an image came to in the store. */
export interface TakenIn {
  readonly format: string
  /** Container when absent. */
  readonly type?: ImageType
  readonly fingerprint: string
  readonly files: readonly NewFile[]
}

/**
 * Stages an image's bytes: files as they are, blob by blob what is OCI's and not one image's own file, and of a directory a tar. What
 * was promised by digests inside is checked. The fingerprint is LXD's for LXD images, the manifest's digest where there is a
 * manifest, else the file's SHA-256.
 */
export async function takeIn(
  staging: Staging,
  format: string,
  input: ImageInput,
  image: SystemImage,
  alone: boolean,
): Promise<TakenIn> {
  const archive = format === 'docker' || format === 'oci-archive'
  if (format === 'oci' || (archive && !alone)) return await takeBlobs(staging, image)
  if (format === 'dir') return await takeDirectory(staging, image)
  if (archive) await checkBlobs(image)
  const taken = await takeFiles(staging, format, fileParts(input), image.origin?.manifest)
  return { ...taken, ...(image.type ? { type: image.type } : {}) }
}

async function takeFiles(
  staging: Staging,
  format: string,
  given: readonly FilePart[],
  manifest: Buffer | undefined,
): Promise<TakenIn> {
  const parts = format === 'lxd' ? await metadataFirst(given) : given
  const suffixes = await suffixesOf(format, parts)
  const whole = createHash('sha256')
  const files: NewFile[] = []
  for (const [i, { file, path }] of parts.entries()) {
    const hashed = parts.length > 1 ? passedBy(file.open(), whole) : file.open()
    files.push({
      kind: 'file',
      suffix: suffixes[i]!,
      name: format === 'proxmox' ? basename(path) : '',
      blob: await staging.write(hashed),
    })
  }
  const own = files.length > 1 ? whole.digest('hex') : digestHex(files[0]!.blob.digest)
  return { format, files, fingerprint: manifest ? digestHex(digestOf(manifest)) : own }
}

/** LXD takes a split image's fingerprint over its metadata first. */
async function metadataFirst(parts: readonly FilePart[]): Promise<readonly FilePart[]> {
  if (parts.length < 2) return parts
  const { splitParts } = await import('../formats/lxd/read.ts')
  return await splitParts(parts[0]!, parts[1]!, {})
}

async function* passedBy(stream: ByteStream, hash: ReturnType<typeof createHash>): ByteStream {
  for await (const chunk of stream) {
    hash.update(chunk)
    yield chunk
  }
}

async function takeBlobs(staging: Staging, image: SystemImage): Promise<TakenIn> {
  const root = join(staging.path, 'layout')
  await mkdir(root)
  const nameless = { ...image, names: [] }
  const { digest } = await writeOciLayout([nameless], { warn: () => {}, flatten }, root)
  const adopt = async (blob: Digest): Promise<StagedBlob> =>
    await staging.adopt(join(root, 'blobs', 'sha256', digestHex(blob)), blob)
  const manifest = await adopt(digest)
  const bytes = await readWhole(await openFile(manifest.path), manifest.size)
  const rest = await Promise.all([...new Set(manifestBlobs(bytes, image.source))].map((blob) => adopt(blob as Digest)))
  const files = [manifest, ...rest].map((blob) => ({ kind: 'blob' as const, suffix: '', name: '', blob }))
  return { format: 'oci', files, fingerprint: digestHex(digest) }
}

async function takeDirectory(staging: Staging, image: SystemImage): Promise<TakenIn> {
  const out = join(staging.path, 'rootfs.tar.zst')
  await pour([image], { to: 'rootfs', out, warn: () => {} })
  const blob = await staging.adopt(out)
  return {
    format: 'rootfs',
    files: [{ kind: 'file', suffix: '.rootfs.tar.zst', name: '', blob }],
    fingerprint: digestHex(blob.digest),
  }
}

/** Reads every layer that has a digest of its own: it throws 'corrupt' when it is another. */
async function checkBlobs(image: SystemImage): Promise<void> {
  for (const { blob } of image.layers) if (blob) for await (const _ of blob.open());
}
