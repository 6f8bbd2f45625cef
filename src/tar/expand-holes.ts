import type { DataRun } from '../image/entry.ts'
import type { ByteStream } from '../image/stream.ts'
import { hole } from './byte-range.ts'

/**
 * The full content of a sparse file: the body's bytes at their runs, zeros between and after. A body that is too short
 * or too long comes out too short or too long by as much.
 */
export async function* expandHoles(body: ByteStream, runs: readonly DataRun[], size: number): ByteStream {
  let at = 0
  let run = 0
  for await (const chunk of body) {
    let rest = chunk
    while (rest.length > 0) {
      while (run < runs.length && at >= end(runs[run]!)) run++
      const current = runs[run]
      if (current === undefined) {
        yield rest
        break
      }
      if (at < current.offset) {
        yield* hole(current.offset - at)
        at = current.offset
      }
      const piece = rest.subarray(0, end(current) - at)
      yield piece
      at += piece.length
      rest = rest.subarray(piece.length)
    }
  }
  const last = runs.at(-1)
  if (last === undefined || at >= end(last)) yield* hole(size - at)
}

function end(run: DataRun): number {
  return run.offset + run.length
}
