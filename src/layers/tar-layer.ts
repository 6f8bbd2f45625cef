import { decompress } from '../compression/decompress.ts'
import type { Limits } from '../compression/types.ts'
import { type Digest, verified } from '../image/digest.ts'
import type { EntryHeader, EntryStream } from '../image/entry.ts'
import type { Layer, LayerBlob } from '../image/layer.ts'
import type { ByteFile, ByteStream } from '../image/stream.ts'
import { readTar } from '../tar/read.ts'

export interface TarLayerSource {
  /** For messages. */
  readonly name: string
  /** The tar, compressed or not. */
  readonly file: ByteFile
  /** Promised digest of the uncompressed tar. */
  readonly diffId?: Digest
  /** Promised digest and size of the file as it is stored. */
  readonly blob?: Omit<LayerBlob, 'open'>
  /** True for OCI layers: `.wh.` names are whiteouts, and absolute names start at the image's root. */
  readonly whiteouts: boolean
  readonly limits?: Limits
}

/**
 * A layer that is stored as a tar. Whatever was promised is checked while the bytes go by, to their very end, padding
 * and compressed tail included: a stream that ends without an error has kept every promise.
 */
export function tarLayer(source: TarLayerSource): Layer {
  const { name, file, diffId, blob, whiteouts } = source
  const endMarker = diffId || blob ? 'optional' : 'required'
  const parse = { name, absoluteNames: whiteouts ? 'strip' : 'error', endMarker } as const
  const unpacking = { name, ...(source.limits ? { limits: source.limits } : {}) }

  function stored(): ByteStream {
    return blob ? verified(file.open(), blob, name) : file.open()
  }
  function tar(): ByteStream {
    // An uncompressed blob's digest is its DiffID: one hash is enough.
    if (blob?.compression === 'none' && blob.digest === diffId) return stored()
    const plain = decompress(stored(), unpacking)
    return diffId ? verified(plain, { digest: diffId }, `${name}: uncompressed`) : plain
  }
  return {
    name,
    whiteouts,
    ...(diffId ? { diffId } : {}),
    entries: (): EntryStream => readTar(tar(), parse),
    first: () => firstOf(readTar(decompress(file.open(), { ...unpacking, brief: true }), parse)),
    headers: (): AsyncIterable<EntryHeader> => readTar(decompress(file.open(), unpacking), parse),
    tar,
    ...(blob ? { blob: { ...blob, open: stored } } : {}),
  }
}

async function firstOf(entries: EntryStream): Promise<EntryHeader | undefined> {
  for await (const entry of entries) return entry
  return undefined
}
