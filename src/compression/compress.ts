import type { ByteStream } from '../image/stream.ts'
import { gzip } from './gzip.ts'
import { checkLevel, levels } from './parse.ts'
import type { CompressOptions } from './types.ts'
import { xz } from './xz.ts'
import { zstd } from './zstd.ts'

const compressors = { gzip, zstd, xz }

/**
 * Compresses a stream. The same input gives the same bytes whatever its chunks, the number of processors and the
 * timing; another version of Node or xz may give others. An empty input gives a valid empty file.
 * Throws 'usage' at once for a level out of range; the stream throws 'missing-tool' when xz is not installed, and what
 * the source throws.
 */
export function compress(source: ByteStream, options: CompressOptions): ByteStream {
  const { kind } = options
  if (kind === 'none') return source
  const level = options.level ?? levels[kind].usual
  checkLevel(kind, level, `level ${level}`)
  return compressors[kind](source, level)
}
