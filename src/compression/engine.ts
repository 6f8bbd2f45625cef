import type { Transform } from 'node:stream'
import type { ByteStream } from '../image/stream.ts'

/** One of node:zlib's streams. */
export interface Engine extends Transform {
  /** Bytes of input that it has used. */
  readonly bytesWritten: number
}

/** Large pieces, and room for four of them, so that the engine's thread goes on while the consumer is busy. */
const steady = { chunkSize: 384 * 1024, highWaterMark: 1536 * 1024 } as const
const brief = { chunkSize: 64 * 1024, highWaterMark: 64 * 1024 } as const

export function engineOptions(options: { readonly brief?: boolean }): typeof steady | typeof brief {
  return options.brief ? brief : steady
}

/**
 * Sends `source` through a zlib engine. `onUnused` gets what the engine left over: the rest of the chunk in which its
 * data ended, and every chunk after that. Errors of the source pass through as they are. Leaving the loop early closes
 * the engine and the source.
 */
export async function* throughEngine(
  engine: Engine,
  source: ByteStream,
  onUnused: (bytes: Buffer) => void,
): ByteStream {
  const feeding = feed(engine, source, onUnused)
  feeding.catch(() => {}) // the engine is destroyed with the same error, and that is thrown below
  try {
    for await (const chunk of engine) yield chunk
    await feeding
  } finally {
    engine.destroy()
    await feeding.catch(() => {})
  }
}

async function feed(engine: Engine, source: ByteStream, onUnused: (bytes: Buffer) => void): Promise<void> {
  let given = 0
  let ended = false
  try {
    for await (const chunk of source) {
      if (ended) {
        onUnused(chunk)
        continue
      }
      await write(engine, chunk)
      if (engine.destroyed && !engine.readableEnded) return // failed, or left
      given += chunk.length
      ended = engine.bytesWritten < given
      if (ended) onUnused(chunk.subarray(chunk.length - (given - engine.bytesWritten)))
    }
    if (!ended) engine.end()
  } catch (error) {
    engine.destroy(error as Error)
    throw error
  }
}

/** Resolves when the engine has used what it wants of the chunk, or is closed. */
function write(engine: Engine, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      engine.off('close', done)
      resolve()
    }
    engine.once('close', done)
    engine.write(chunk, done)
  })
}
