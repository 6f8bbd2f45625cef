import { createGunzip } from 'node:zlib'
import { IngotError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import { engineOptions, throughEngine } from './engine.ts'
import { type Counter, counted } from './limits.ts'
import type { DecompressOptions } from './types.ts'

/**
 * Unpacks gzip (RFC 1952): any number of members, NUL padding after the last. Throws 'bad-input' for data that breaks
 * the format, is cut off or is followed by anything else, 'corrupt' when a checksum or length differs.
 */
export async function* gunzip(source: ByteStream, options: DecompressOptions): ByteStream {
  const { name } = options
  const engine = createGunzip(engineOptions(options))
  const input: Counter = { bytes: 0 }
  try {
    yield* throughEngine(engine, counted(source, input), (rest) => refuseGarbage(rest, input, name))
  } catch (error) {
    throw explain(error, input.bytes, engine.bytesWritten, name)
  }
}

function refuseGarbage(rest: Buffer, input: Counter, name: string): void {
  const at = rest.findIndex((byte) => byte !== 0)
  if (at < 0) return
  const offset = input.bytes - rest.length + at
  throw new IngotError('bad-input', `${name}: something that is not gzip data follows the gzip data, at byte ${offset}`)
}

/** Says what zlib's errors mean here; everything else passes through. */
function explain(error: unknown, seen: number, used: number, name: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error
  if (error.code === 'Z_BUF_ERROR') {
    return new IngotError('bad-input', `${name}: the gzip data is cut off after ${seen} bytes`, { cause: error })
  }
  if (!error.code.startsWith('Z_')) return error
  const where = `between bytes ${used} and ${seen}`
  return /incorrect (data|length) check/.test(error.message)
    ? new IngotError('corrupt', `${name}: wrong gzip checksum ${where} (${error.message})`, { cause: error })
    : new IngotError('bad-input', `${name}: bad gzip data ${where} (${error.message})`, { cause: error })
}
