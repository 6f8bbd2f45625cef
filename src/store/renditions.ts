import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CompressOptions } from '../compression/types.ts'
import { pour } from '../formats/pour.ts'
import type { FilePart } from '../formats/types.ts'
import { openFile } from '../host/file.ts'
import type { Digest } from '../image/digest.ts'
import type { FoundImage } from './find.ts'
import { insertRendition, type NewFile } from './new-image.ts'
import { suffixesOf } from './parts.ts'
import type { Store } from './store.ts'
import { openStoredImage, renditionFiles, type StoredFile } from './stored-image.ts'
import { placeWith } from './unsettled.ts'

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
  if (kept.length > 0) return kept
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
    const files: NewFile[] = []
    const suffixes = await suffixesOf(wish.to, await Promise.all(rendition.files.map((file) => part(file.path))))
    for (const [i, { path, sha256 }] of rendition.files.entries()) {
      const digest: Digest = `sha256:${sha256}`
      const name = wish.to === 'proxmox' ? basename(path) : ''
      files.push({ kind: 'file', suffix: suffixes[i]!, name, blob: await staging.adopt(path, digest) })
    }
    const fingerprint = rendition.fingerprint
    if (before?.fingerprint && before.fingerprint !== fingerprint) {
      warn(`this ${wish.to} is not the one that was made before: a compressor or Ingot has changed since`)
    }
    await store.exclusively((tables) =>
      placeWith(
        tables,
        store.blobs,
        files.map((file) => file.blob),
        async (inside) => {
          const now = Math.floor(Date.now() / 1000)
          const { format, variant } = rendition
          await insertRendition(inside, found.id, { key, format, variant, fingerprint, files, now })
        },
      ),
    )
    return files.map(({ kind, suffix, name, blob }) => ({ kind, suffix, name, digest: blob.digest, size: blob.size }))
  } finally {
    await staging.remove()
  }
}

async function part(path: string): Promise<FilePart> {
  return { kind: 'file', path, file: await openFile(path) }
}

function keyOf({ to, variant, compression, names }: RenditionWish): string {
  return JSON.stringify([to, variant ?? null, compression?.kind ?? null, compression?.level ?? null, names ?? null])
}
