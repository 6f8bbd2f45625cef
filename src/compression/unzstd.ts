import { promisify } from 'node:util'
import { createZstdDecompress, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { IngotError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import { engineOptions, throughEngine } from './engine.ts'
import { callsInFlight } from './in-order.ts'
import type { DecompressOptions } from './types.ts'
import { type FramePart, zstdFrames } from './zstd-frames.ts'
import type { ZstdScanner } from './zstd-scanner.ts'

const decompressFrame = promisify<Buffer, object, Buffer>(zstdDecompress)
/** Frames up to this size, packed and unpacked, are decoded by one call each, up to four at a time: at most 64 MiB. */
const smallFrame = 8 * 1024 * 1024
/** Up to this size (zstd:chunked has a frame for each file) handing a frame to another thread costs more than decoding it. */
const tinyFrame = 128 * 1024

type Parts = AsyncGenerator<FramePart, void, undefined>

/** A small frame with all of its pieces, or a large one with its first. */
interface Gathered {
  readonly frame: ZstdScanner
  readonly pieces: readonly Buffer[]
  readonly isSmall: boolean
}

/**
 * Unpacks zstd (RFC 8878): any number of frames and skippable frames, NUL padding after the last. Checksums are
 * verified where frames have them. Throws 'bad-input' for data that breaks the format, is cut off or is followed by
 * anything else, 'corrupt' when a checksum differs, 'unsupported' for frames that need a dictionary, 'limit' for
 * windows above 128 MiB.
 */
export async function* unzstd(source: ByteStream, options: DecompressOptions): ByteStream {
  const { name } = options
  const parts = zstdFrames(source, name)
  const width = callsInFlight(4)
  const begun: Promise<Buffer>[] = []
  try {
    for (;;) {
      const gathered = await gather(parts)
      const room = gathered?.isSmall ? width - 1 : 0
      while (begun.length > room) {
        const content = await begun.shift()!
        if (content.length > 0) yield content
      }
      if (gathered === undefined) return
      if (gathered.isSmall) {
        const content = decodeSmall(gathered, name)
        content.catch(() => {}) // thrown when its turn comes
        begun.push(content)
      } else yield* decodeLarge(gathered, parts, options)
    }
  } finally {
    await Promise.allSettled(begun)
    await parts.return()
  }
}

async function gather(parts: Parts): Promise<Gathered | undefined> {
  const pieces: Buffer[] = []
  let packed = 0
  for (;;) {
    const part = await parts.next()
    if (part.done) return undefined
    const { frame, bytes } = part.value
    pieces.push(bytes)
    packed += bytes.length
    const isSmall = packed <= smallFrame && (frame.contentSize ?? frame.bound) <= smallFrame
    if (frame.done || !isSmall) return { frame, pieces, isSmall }
  }
}

async function decodeSmall({ frame, pieces }: Gathered, name: string): Promise<Buffer> {
  const packed = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  try {
    const most = frame.contentSize ?? frame.bound
    // With room for all of it at once libzstd decodes straight into the result.
    const options = { chunkSize: most + 64 }
    return most <= tinyFrame ? zstdDecompressSync(packed, options) : await decompressFrame(packed, options)
  } catch (error) {
    throw explain(error, frame, name)
  }
}

async function* decodeLarge({ frame, pieces }: Gathered, parts: Parts, options: DecompressOptions): ByteStream {
  const { name } = options
  async function* allPieces(): ByteStream {
    yield* pieces
    while (!frame.done) {
      const part = await parts.next()
      if (part.done) return
      yield part.value.bytes
    }
  }
  const refuse = () => {
    throw new IngotError('bad-input', `${name}: the zstd frame at byte ${frame.offset} ends before its last block`)
  }
  try {
    yield* throughEngine(createZstdDecompress(engineOptions(options)), allPieces(), refuse)
  } catch (error) {
    throw explain(error, frame, name)
  }
}

/** Says what libzstd's errors mean here; everything else passes through. */
function explain(error: unknown, frame: ZstdScanner, name: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('ZSTD_')) return error
  const code = error.code === 'ZSTD_error_checksum_wrong' ? 'corrupt' : 'bad-input'
  const message = `${name}: the zstd frame at byte ${frame.offset} is broken (${error.message})`
  return new IngotError(code, message, { cause: error })
}
