import { constants, createZstdCompress } from 'node:zlib'
import type { ByteStream } from '../image/stream.ts'
import { atOnce } from './at-once.ts'
import { type Block, blocksOf } from './blocks.ts'
import { callsInFlight, inOrder } from './in-order.ts'

const mebibyte = 1024 * 1024

/**
 * zstd (RFC 8878) as independent frames, each with its content size and checksum. They are compressed side by side by
 * one call each, so the output depends on nothing but the input, the level and Node's libzstd.
 */
export async function* zstd(source: ByteStream, level: number): ByteStream {
  const { frameBytes, width } = shapeOf(level)
  yield* inOrder(blocksOf(source, frameBytes), callsInFlight(width), (block) => compressFrame(block, level))
}

/**
 * Frames are about as large as the level's window. Larger ones take more time and memory and save less than 0.6 % of
 * the output. From level 9 on a call takes 50 to 90 MB, so few run at a time.
 */
function shapeOf(level: number): { frameBytes: number; width: number } {
  if (level <= 8) return { frameBytes: 2 * mebibyte, width: 8 }
  return { frameBytes: 4 * mebibyte, width: level <= 15 ? 3 : 2 }
}

async function compressFrame({ bytes, release }: Block, level: number): Promise<Buffer> {
  const engine = createZstdCompress({
    // Room for the worst case (ZSTD_compressBound): libzstd's one-pass way, 1.5 times as fast.
    chunkSize: bytes.length + (bytes.length >> 8) + 1024,
    pledgedSrcSize: bytes.length,
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  const packed = await atOnce(engine, bytes)
  release()
  return packed
}
