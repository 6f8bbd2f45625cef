import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CompressOptions } from '../compression/types.ts'
import { pour } from '../formats/pour.ts'
import type { FilePart, Rendition } from '../formats/types.ts'
import { openFile } from '../host/file.ts'
import type { Digest } from '../image/digest.ts'
import type { StagedBlob } from './blobs/types.ts'
import type { FoundImage } from './find.ts'
import { insertRendition, type NewFile } from './new-image.ts'
import { suffixesOf } from './parts.ts'
import type { Store } from './store.ts'
import { openStoredImage, renditionFiles, type StoredFile } from './stored-image.ts'
import { placeWith } from './unsettled.ts'
import { noteUse } from './use.ts'

export interface RenditionWish {
  readonly to: string
  readonly variant?: string | undefined
  readonly compression?: CompressOptions | undefined
  readonly names?: readonly string[] | undefined
}

/**
 * An image in another format: made once, then kept until it is pruned. Made again it has the same bytes; when it has not (another
 * version of a compressor), `warn` says so. Throws what converting throws.
 */
export async function renditionOf(
  store: Store,
  found: FoundImage,
  wish: RenditionWish,
  warn: (message: string) => void,
): Promise<readonly StoredFile[]> {
  const key = keyOf(wish)
  const catalog = await store.catalog()
  const kept = await renditionFiles(catalog, found.id, key)
  if (kept.length > 0) {
    noteUse(store.database, found.id, key)
    return kept
  }
  const before = await catalog
    .selectFrom('renditions')
    .select('fingerprint')
    .where('image_id', '=', found.id)
    .where('key', '=', key)
    .executeTakeFirst()
  const image = await openStoredImage(store, found)
  const staging = await store.blobs.stage()
  try {
    const folder = join(staging.path, 'out')
    await mkdir(folder)
    const out = wish.to === 'proxmox' ? `${folder}/` : join(folder, 'image')
    const rendition = await pour([image], { ...wish, out, warn })
    if (before?.fingerprint && before.fingerprint !== rendition.fingerprint) {
      warn(`this ${wish.to} is not the one that was made before: a compressor or Ingot has changed since`)
    }
    return await place(store, found, wish, rendition, (path, digest) => staging.adopt(path, digest))
  } finally {
    await staging.remove()
  }
}

/** Keeps copies of files that an image was poured into as one of its renditions. */
export async function insertPoured(
  store: Store,
  found: FoundImage,
  wish: RenditionWish,
  rendition: Rendition,
): Promise<void> {
  const staging = await store.blobs.stage()
  try {
    await place(store, found, wish, rendition, async (path) => await staging.write((await openFile(path)).open()))
  } finally {
    await staging.remove()
  }
}

async function place(
  store: Store,
  found: FoundImage,
  wish: RenditionWish,
  rendition: Rendition,
  take: (path: string, digest: Digest) => Promise<StagedBlob>,
): Promise<readonly StoredFile[]> {
  const files: NewFile[] = []
  const suffixes = await suffixesOf(wish.to, await Promise.all(rendition.files.map((file) => part(file.path))))
  for (const [i, { path, sha256 }] of rendition.files.entries()) {
    const name = wish.to === 'proxmox' ? basename(path) : ''
    files.push({ kind: 'file', suffix: suffixes[i]!, name, blob: await take(path, `sha256:${sha256}`) })
  }
  const { format, variant, fingerprint } = rendition
  const row = { key: keyOf(wish), format, variant, fingerprint, files, now: Math.floor(Date.now() / 1000) }
  await store.exclusively((catalog) =>
    placeWith(
      catalog,
      store.blobs,
      files.map((file) => file.blob),
      (inside) => insertRendition(inside, found.id, row),
    ),
  )
  return files.map(({ kind, suffix, name, blob }) => ({ kind, suffix, name, digest: blob.digest, size: blob.size }))
}

async function part(path: string): Promise<FilePart> {
  return { kind: 'file', path, file: await openFile(path) }
}

function keyOf({ to, variant, compression, names }: RenditionWish): string {
  return JSON.stringify([to, variant ?? null, compression?.kind ?? null, compression?.level ?? null, names ?? null])
}
