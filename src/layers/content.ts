import { createHash, hash as hashOf } from 'node:crypto'
import { displayBytes } from '../image/bytes.ts'
import type { Entry } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import { collect } from '../image/stream.ts'

const zeros = Buffer.alloc(65536)
/** Up to here content is hashed in one go: a hash object for each of a million files is a lot of garbage outside of the heap. */
const shortBytes = 65536

/** SHA-256 of a file's content, holes read as zeros. Consumes the body. */
export async function contentDigest(entry: Entry): Promise<Buffer> {
  if (!entry.sparse && entry.size <= shortBytes) {
    const content = await collect(entry.body)
    if (content.length !== entry.size) throw notItsSize(entry)
    return hashOf('sha256', content, 'buffer')
  }
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
      if (left === 0) throw notItsSize(entry)
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

function notItsSize(entry: Entry): IngotError {
  return new IngotError('corrupt', `${displayBytes(entry.path)}: not as much content as its size says`)
}
