import { IngotError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import { ZstdScanner } from './zstd-scanner.ts'

/** A piece of a frame; it is the last one when `frame.done`, looked at before the next piece is asked for. */
export interface FramePart {
  readonly frame: ZstdScanner
  readonly bytes: Buffer
}

/**
 * Cuts a zstd file into the pieces of its frames, without copying. Skippable frames and padding are left out. Throws
 * 'bad-input' when the file breaks the format or is cut off.
 */
export async function* zstdFrames(source: ByteStream, name: string): AsyncGenerator<FramePart, void, undefined> {
  let offset = 0 // of the chunk
  let frame: ZstdScanner | undefined
  for await (const chunk of source) {
    let at = 0
    while (at < chunk.length) {
      frame ??= new ZstdScanner(offset + at, name)
      const end = frame.scan(chunk, at)
      if (frame.kind !== 'skippable' && frame.kind !== 'padding') yield { frame, bytes: chunk.subarray(at, end) }
      if (frame.done) frame = undefined
      at = end
    }
    offset += chunk.length
  }
  if (offset === 0 || (frame !== undefined && frame.kind !== 'padding')) {
    throw new IngotError('bad-input', `${name}: the zstd data is cut off after ${offset} bytes`)
  }
}
