import { decompress } from '../compression/decompress.ts'
import type { DecompressOptions, Limits } from '../compression/types.ts'
import { type Digest, verified } from '../image/digest.ts'
import type { EntryHeader, EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer, LayerBlob } from '../image/layer.ts'
import type { ByteFile, ByteStream } from '../image/stream.ts'
import { readTar } from '../tar/read.ts'
import type { ReadTarOptions } from '../tar/types.ts'

/** Room for the first header in nearly all layers. */
const startBytes = 64 * 1024

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
    first: () => firstHeader(file, unpacking, parse),
    headers: (): AsyncIterable<EntryHeader> => readTar(decompress(file.open(), unpacking), parse),
    tar,
    ...(blob ? { blob: { ...blob, open: stored } } : {}),
  }
}

/** Tries the file's first bytes, which are cut off somewhere, before it reads on. */
async function firstHeader(
  file: ByteFile,
  unpacking: DecompressOptions,
  parse: ReadTarOptions,
): Promise<EntryHeader | undefined> {
  const ends = file.size > startBytes ? [startBytes, file.size] : [file.size]
  for (const end of ends) {
    try {
      for await (const entry of readTar(decompress(file.open(0, end), unpacking), parse)) return entry
      return undefined
    } catch (error) {
      if (!(error instanceof IngotError) || end === file.size) throw error
    }
  }
  return undefined
}
