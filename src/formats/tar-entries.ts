import { decompress } from '../compression/decompress.ts'
import type { Limits } from '../compression/types.ts'
import type { EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { ByteFile } from '../image/stream.ts'
import { readTar } from '../tar/read.ts'

/** The entries of a tar file, compressed or not. */
export function tarEntries(file: ByteFile, limits: Limits | undefined): EntryStream {
  const plain = decompress(file.open(), { name: file.name, ...(limits && { limits }) })
  return readTar(plain, { name: file.name, endMarker: 'required' })
}

/** For `detect`: whether an error only says that this content is something else. */
export function isForeign(error: unknown): boolean {
  return error instanceof IngotError && ['bad-input', 'corrupt', 'limit', 'unsupported'].includes(error.code)
}
