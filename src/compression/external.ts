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
    const why = complaint(error)
    if (why === undefined) throw error
    const code = why.startsWith('Memory usage limit') ? 'limit' : 'bad-input'
    throw new IngotError(code, `${name}: bad ${kind} data in its first ${input.bytes} bytes (${why})`, { cause: error })
  }
}

/** The first line that a program said when it gave up, without its own name and `(stdin)`. */
function complaint(error: unknown): string | undefined {
  if (!(error instanceof IngotError) || error.code !== 'command-failed') return undefined
  const said = /failed with exit status \d+(?:: (?:\S+: )?(?:\(stdin\): )?(.*?);?)?$/m.exec(error.message)
  return said ? (said[1] ?? 'no reason given') : undefined
}
