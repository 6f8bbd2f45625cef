import type { DataRun } from '../image/entry.ts'
import type { ByteStream } from '../image/stream.ts'
import { blockSize } from './block.ts'
import { hole } from './byte-range.ts'

/**
 * The content of a sparse file's `wider` runs, when `body` has that of `runs`, each of which lies in one of them: zeros where they are
 * wider. A body that is too short or too long comes out too short or too long.
 */
export async function* fillGaps(body: ByteStream, runs: readonly DataRun[], wider: readonly DataRun[]): ByteStream {
  const filled = runs.filter((run) => run.length > 0)
  const gaps = gapsBefore(filled, wider)
  let run = -1
  let left = 0
  for await (const chunk of body) {
    let rest = chunk
    while (rest.length > 0) {
      if (left === 0) {
        run++
        if (run >= filled.length) {
          yield rest
          break
        }
        yield* hole(gaps[run]!)
        left = filled[run]!.length
      }
      const piece = rest.subarray(0, left)
      yield piece
      left -= piece.length
      rest = rest.subarray(piece.length)
    }
  }
  if (left === 0 && run + 1 >= filled.length) yield* hole(gaps[filled.length]!)
}

/** How many zeros stand before each run and, last, after all of them. */
function gapsBefore(runs: readonly DataRun[], wider: readonly DataRun[]): number[] {
  const gaps = [0]
  let next = 0
  for (const { offset, length } of wider) {
    let at = offset
    for (let run = runs[next]; run && run.offset < offset + length; run = runs[++next]) {
      gaps[next] = gaps[next]! + run.offset - at
      at = run.offset + run.length
      gaps.push(0)
    }
    gaps[next] = gaps[next]! + offset + length - at
  }
  return gaps
}

/**
 * Runs widened to whole blocks, joined where they then touch. GNU tar begins each run of a sparse file in a block of its own,
 * so that only whole blocks (and a last run that ends with the file) mean the same to it and to everybody else.
 */
export function wholeBlocks(runs: readonly DataRun[], size: number): readonly DataRun[] {
  if (
    runs.every(
      ({ offset, length }) => offset % blockSize === 0 && (length % blockSize === 0 || offset + length === size),
    )
  ) {
    return runs
  }
  const wider: DataRun[] = []
  for (const { offset, length } of runs) {
    if (length === 0) continue
    const start = Math.floor(offset / blockSize) * blockSize
    const end = Math.min(Math.ceil((offset + length) / blockSize) * blockSize, size)
    const last = wider.at(-1)
    if (last && start <= last.offset + last.length)
      wider[wider.length - 1] = { offset: last.offset, length: end - last.offset }
    else wider.push({ offset: start, length: end - start })
  }
  return wider
}
