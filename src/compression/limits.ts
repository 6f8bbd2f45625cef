import { IngotError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import type { Limits } from './types.ts'

const defaultMaxBytes = 2 ** 40
const defaultMaxRatio = 1100
const ratioFrom = 2 ** 30

/** Counts the bytes of a stream as they are taken. */
export interface Counter {
  bytes: number
}

/** Passes a stream through and adds up its length. */
export async function* counted(stream: ByteStream, counter: Counter): ByteStream {
  for await (const chunk of stream) {
    counter.bytes += chunk.length
    yield chunk
  }
}

/**
 * Guards against decompression bombs: passes `stream` through until more has come out than `limits` allow, then throws
 * 'limit'. `input` counts the compressed bytes that `stream` is made from.
 */
export async function* limited(stream: ByteStream, input: Counter, limits: Limits, name: string): ByteStream {
  const maxBytes = limits.maxBytes ?? defaultMaxBytes
  const maxRatio = limits.maxRatio ?? defaultMaxRatio
  let output = 0
  for await (const chunk of stream) {
    output += chunk.length
    if (maxBytes > 0 && output > maxBytes) {
      throw new IngotError('limit', `${name}: unpacks to more than ${maxBytes} bytes`, {
        hint: 'If you trust it, raise the limit with --max-size (0 = none).',
      })
    }
    if (maxRatio > 0 && output > ratioFrom && output > input.bytes * maxRatio) {
      throw new IngotError('limit', `${name}: unpacks to more than ${maxRatio} times its ${input.bytes} bytes so far`, {
        hint: 'If you trust it, raise the limit with --max-ratio (0 = none).',
      })
    }
    yield chunk
  }
}
