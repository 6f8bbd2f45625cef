import type { DataRun } from '../image/entry.ts'
import type { ByteFile, ByteStream } from '../image/stream.ts'

/** `size` bytes of a file from `start` on, as a file of its own. */
export function byteRange(file: ByteFile, start: number, size: number, name: string): ByteFile {
  return {
    name,
    size,
    open(from = 0, to = size) {
      return file.open(start + Math.min(from, size), start + Math.min(to, size))
    },
  }
}

const zeros = Buffer.alloc(256 * 1024)

/** A sparse file of which `stored` holds the runs' bytes, one after the other. Holes read as zeros. */
export function sparseFile(stored: ByteFile, runs: readonly DataRun[], size: number): ByteFile {
  return {
    name: stored.name,
    size,
    open: (from = 0, to = size) => readSparseRange(stored, runs, Math.min(from, size), Math.min(to, size)),
  }
}

async function* readSparseRange(stored: ByteFile, runs: readonly DataRun[], from: number, to: number): ByteStream {
  let at = from
  let before = 0
  for (const run of runs) {
    const start = Math.max(run.offset, from)
    const end = Math.min(run.offset + run.length, to)
    if (start < end) {
      yield* hole(start - at)
      yield* stored.open(before + start - run.offset, before + end - run.offset)
      at = end
    }
    before += run.length
  }
  yield* hole(to - at)
}

/** `length` zeros in chunks. */
export function* hole(length: number): Iterable<Buffer> {
  for (let rest = length; rest > 0; rest -= zeros.length) yield rest >= zeros.length ? zeros : zeros.subarray(0, rest)
}
