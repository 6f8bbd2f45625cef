import { createHash } from 'node:crypto'
import { displayBytes } from '../image/bytes.ts'
import type { Entry } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'

const zeros = Buffer.alloc(65536)

/** SHA-256 of a file's content, holes read as zeros. Consumes the body. */
export async function contentDigest(entry: Entry): Promise<Buffer> {
  const hash = createHash('sha256')
  const runs = entry.sparse ?? [{ offset: 0, length: entry.size }]
  let at = 0
  let run = 0
  let left = runs[0]?.length ?? 0
  const fill = (until: number) => {
    for (; at < until; at += Math.min(zeros.length, until - at))
      hash.update(zeros.subarray(0, Math.min(zeros.length, until - at)))
  }
  for await (const chunk of entry.body) {
    for (let taken = 0; taken < chunk.length; ) {
      while (left === 0 && run + 1 < runs.length) left = runs[++run]!.length
      if (left === 0) throw new IngotError('corrupt', `${displayBytes(entry.path)}: more content than its size`)
      if (left === runs[run]!.length) fill(runs[run]!.offset)
      const part = chunk.subarray(taken, taken + left)
      hash.update(part)
      taken += part.length
      at += part.length
      left -= part.length
    }
  }
  fill(entry.size)
  return hash.digest()
}
