import { displayBytes } from '../image/bytes.ts'
import { bodySize, type Entry, type EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import { Batch } from './batch.ts'
import { checkHeader, encodeHeader, endOfArchive, padding, storedSize } from './encode.ts'
import { fillGaps, wholeBlocks } from './fill-gaps.ts'
import type { WriteTarOptions } from './types.ts'

/** Most zeros that 'expand' writes for holes in one archive: an entry of a few bytes can claim 2^53 of them. */
const maxHoleBytes = 2 ** 40

export { encodeHeader, endOfArchive, padding } from './encode.ts'

/**
 * Writes entries as an uncompressed pax archive (POSIX.1-2001): see encodeHeader for its form. The same entries always
 * give the same bytes. Comes in chunks of up to 512 KiB, or larger where bodies do: headers and small bodies are
 * gathered, large chunks of a body pass through uncopied.
 *
 * Throws 'corrupt' when a body yields fewer or more bytes than its header promises, 'limit' when expanded
 * holes come to more than 1 TiB, and encodeHeader's errors.
 */
export async function* writeTar(entries: EntryStream, options: WriteTarOptions = {}): ByteStream {
  const batch = new Batch()
  let holeBytes = 0
  for await (const original of entries) {
    const entry = fitHoles(original, options)
    const header = encodeHeader(entry, options)
    if (!batch.append(header)) yield* batch.overflow(header)
    if (entry.type !== 'file') continue
    const size = bodySize(entry)
    const promised = bodySize(original)
    holeBytes += size - promised
    if (holeBytes > maxHoleBytes) throw tooManyHoles(entry)
    let seen = 0
    for await (const chunk of entry.body) {
      seen += chunk.length
      if (seen > size) throw wrongSize(entry, `more than ${promised}`, promised)
      if (!batch.append(chunk)) yield* batch.overflow(chunk)
    }
    if (seen !== size) throw wrongSize(entry, entry === original ? String(seen) : 'fewer', promised)
    const rest = padding(storedSize(entry, options))
    if (!batch.append(rest)) yield* batch.overflow(rest)
  }
  if (!batch.append(endOfArchive)) yield* batch.overflow(endOfArchive)
  yield* batch.rest()
}

/** The entry with the holes that are written: none when they are to be expanded, else whole blocks. */
function fitHoles(entry: Entry, options: WriteTarOptions): Entry {
  const { sparse, size } = entry
  if (entry.type !== 'file' || sparse === undefined) return entry
  checkHeader(entry)
  const runs = options.sparse === 'expand' ? [{ offset: 0, length: size }] : wholeBlocks(sparse, size)
  return runs === sparse ? entry : { ...entry, sparse: runs, body: fillGaps(entry.body, sparse, runs) }
}

function wrongSize(entry: Entry, found: string, promised: number): IngotError {
  const path = displayBytes(entry.path)
  return new IngotError('corrupt', `"${path}": its content has ${found} bytes where its header promises ${promised}`)
}

function tooManyHoles(entry: Entry): IngotError {
  const path = displayBytes(entry.path)
  return new IngotError('limit', `"${path}": more than ${maxHoleBytes} bytes of holes to be written as zeros`)
}
