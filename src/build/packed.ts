import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseConfig } from '../formats/oci/config.ts'
import { manifestDocument, maxDocumentBytes } from '../formats/oci/documents.ts'
import { type Digest, parseDigest } from '../image/digest.ts'
import type { Layer } from '../image/layer.ts'
import { readWhole } from '../image/stream.ts'
import type { SystemImage } from '../image/system-image.ts'
import { tarLayer } from '../layers/tar-layer.ts'
import type { BlobDriver } from '../store/blobs/types.ts'

/** How a layer of a build was packed for the store. */
const packedSchema = z.object({ digest: z.string(), size: z.number(), diffId: z.string() })
type Packed = z.infer<typeof packedSchema>

const compression = 'gzip'

/**
 * The image with those of its layers that the store has packed already as they lie there: packing takes longer than all else. `notes`
 * is the folder of the notes, `keys` say what each layer hangs on, cleaning and all.
 */
export async function withPackedLayers(
  image: SystemImage,
  keys: readonly string[],
  notes: string,
  blobs: BlobDriver,
): Promise<SystemImage> {
  const layers = await Promise.all(
    image.layers.map(async (layer, index) => (await packedLayer(layer, keys[index], notes, blobs)) ?? layer),
  )
  return { ...image, layers }
}

async function packedLayer(
  { name }: Layer,
  key: string | undefined,
  notes: string,
  blobs: BlobDriver,
): Promise<Layer | undefined> {
  const packed = key === undefined ? undefined : readNote(notes, key)
  if (packed === undefined) return undefined
  const [digest, diffId] = [packed.digest, packed.diffId].map((text) => parseDigest(text, name)) as [Digest, Digest]
  if (!(await blobs.has(digest, packed.size))) return undefined
  const blob = { digest, size: packed.size, compression } as const
  return tarLayer({ name, file: await blobs.open(digest), diffId, blob, whiteouts: true })
}

/** Notes how the layers of an image were packed, by its manifest in the store. */
export async function notePacked(
  manifest: Digest,
  keys: readonly string[],
  notes: string,
  blobs: BlobDriver,
): Promise<void> {
  const read = async (digest: Digest) => await readWhole(await blobs.open(digest), maxDocumentBytes)
  const { config, layers } = manifestDocument.parse(JSON.parse((await read(manifest)).toString()))
  const { diffIds } = parseConfig(await read(parseDigest(config.digest, manifest)), manifest)
  for (const [index, key] of keys.entries()) {
    const [layer, diffId] = [layers[index], diffIds[index]]
    if (layer && diffId && layer.mediaType.endsWith(`+${compression}`)) {
      writeNote(notes, key, { digest: layer.digest, size: layer.size, diffId })
    }
  }
}

function readNote(notes: string, key: string): Packed | undefined {
  try {
    return packedSchema.parse(JSON.parse(readFileSync(join(notes, key), 'utf8')))
  } catch {
    return undefined // none, or none of use: the layer is packed once more
  }
}

function writeNote(notes: string, key: string, packed: Packed): void {
  const temporary = join(notes, `${key}.${process.pid}.tmp`)
  writeFileSync(temporary, JSON.stringify(packed))
  renameSync(temporary, join(notes, key))
}
