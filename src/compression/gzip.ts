import { constants, crc32, createDeflateRaw } from 'node:zlib'
import type { ByteStream } from '../image/stream.ts'
import { atOnce } from './at-once.ts'
import { type Block, blocksOf } from './blocks.ts'
import { callsInFlight, inOrder } from './in-order.ts'

const blockBytes = 1024 * 1024
const windowBytes = 32 * 1024
/**
 * What zlib is asked for instead of 9: its 9 takes 40 % longer than its 8 for 0.02 % less size, measured on a root file system
 * (docs/performance.md).
 */
const zlibsBest = 8
const lastBlock = Buffer.from([0x03, 0x00]) // an empty deflate block with the final bit

/**
 * One gzip member (RFC 1952) without name or time. Blocks of 1 MiB are compressed side by side, each with the 32 KiB
 * before it as its dictionary, so the output depends on nothing but the input, the level and Node's zlib. `level`: 1 to 9; 9 is zlib's 8.
 */
export async function* gzip(source: ByteStream, level: number): ByteStream {
  let header: Buffer | undefined = headerOf(level)
  let checksum = 0
  let size = 0
  async function* measured(): AsyncGenerator<Block> {
    for await (const block of blocksOf(source, blockBytes, windowBytes)) {
      checksum = crc32(block.bytes, checksum)
      size += block.bytes.length
      yield block
    }
  }
  for await (const packed of inOrder(measured(), callsInFlight(8), (block) => deflateBlock(block, level))) {
    if (header) yield header // not before the source has been begun, so that leaving here closes it
    header = undefined
    yield packed
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(checksum, 0)
  trailer.writeUInt32LE(size % 2 ** 32, 4)
  yield Buffer.concat([lastBlock, trailer])
}

function headerOf(level: number): Buffer {
  const extraFlags = level === 9 ? 2 : level === 1 ? 4 : 0
  const unknownSystem = 255
  return Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extraFlags, unknownSystem])
}

async function deflateBlock({ bytes, before, release }: Block, level: number): Promise<Buffer> {
  const engine = createDeflateRaw({
    level: Math.min(level, zlibsBest),
    memLevel: 9, // 12 % faster than 8
    chunkSize: bytes.length + (bytes.length >> 8) + 1024, // room for all of it at once
    finishFlush: constants.Z_SYNC_FLUSH, // ends on a byte boundary, so that blocks can be joined
    ...(before.length > 0 && { dictionary: before }),
  })
  const packed = await atOnce(engine, bytes)
  release()
  return packed
}
