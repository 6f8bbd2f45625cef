import { availableParallelism } from 'node:os'
import { pipeThrough } from '../host/pipe.ts'
import { IngotError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import { type Counter, counted } from './limits.ts'

const threads = `-T${Math.min(availableParallelism(), 4)}`
const memory = '--memlimit-decompress=1GiB'
const programs = {
  xz: ['xz', '-dc', '--format=xz', threads, memory],
  lzma: ['xz', '-dc', '--format=lzma', memory],
  bzip2: ['bzip2', '-dc'],
} as const

/**
 * Unpacks by the host's xz or bzip2: concatenated streams too, with the padding that these programs allow. A .lzma
 * file has no checksum. Throws 'missing-tool', 'bad-input' for data that is broken or cut off, and 'limit' when more
 * than 1 GiB of memory would be needed.
 */
export async function* unpackExternally(kind: keyof typeof programs, source: ByteStream, name: string): ByteStream {
  const [program, ...args] = programs[kind]
  const input: Counter = { bytes: 0 }
  try {
    yield* pipeThrough(program, args, counted(source, input))
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'command-failed') throw error
    const why = error.message.replace(/^.*exit status \d+: /, '')
    const code = why.includes('Memory usage limit') ? 'limit' : 'bad-input'
    throw new IngotError(code, `${name}: bad ${kind} data in its first ${input.bytes} bytes (${why})`, { cause: error })
  }
}
