import { availableParallelism } from 'node:os'
import { pipeThrough } from '../host/pipe.ts'
import type { ByteStream } from '../image/stream.ts'

const mebibyte = 1024 * 1024
/** MiB by level (xz(1), "Compression preset"). */
const dictionaries = [0.25, 1, 2, 4, 4, 8, 8, 16, 32, 64]
const memory = 1024

/**
 * xz by the host's program, always in its multi-threaded form with a fixed block size, so that the output does not
 * depend on the number of processors. Threads are chosen to stay near 1 GiB; level 9 takes more even with two.
 * Throws 'missing-tool'.
 */
export function xz(source: ByteStream, level: number): ByteStream {
  const dictionary = dictionaries[level]!
  const perThread = dictionary * 17.5 // 11.5 dictionaries for the encoder, and a block of 3 going in and out
  const threads = Math.max(2, Math.min(availableParallelism(), Math.floor(memory / perThread)))
  const blockSize = Math.max(1, dictionary * 3) * mebibyte
  return pipeThrough('xz', ['-c', `-${level}`, `-T${threads}`, `--block-size=${blockSize}`, '--check=crc64'], source)
}
