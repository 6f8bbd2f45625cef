import type { ByteStream } from '../image/stream.ts'

/** A block of input with the end of the one before it, for compressors that may look back. */
export interface Block {
  readonly bytes: Buffer
  /** At most `lookBack` bytes; none for the first block. */
  readonly before: Buffer
  /** Lets the memory of `bytes` and `before` be used again. */
  release(): void
}

/**
 * Cuts a stream into blocks of exactly `size` bytes, the last one shorter; an empty stream is one empty block. Where
 * the cuts are does not depend on the chunks that come in.
 */
export async function* blocksOf(
  source: ByteStream,
  size: number,
  lookBack = 0,
): AsyncGenerator<Block, void, undefined> {
  const free: Buffer[] = []
  const take = () => free.pop() ?? Buffer.allocUnsafeSlow(lookBack + size)
  let store = take()
  let start = lookBack // where what is kept of the block before begins
  let end = lookBack
  const block = (own: Buffer): Block => ({
    bytes: own.subarray(lookBack, end),
    before: own.subarray(start, lookBack),
    release: () => free.push(own),
  })
  for await (const chunk of source) {
    let used = 0
    while (used < chunk.length) {
      if (end === store.length) {
        yield block(store)
        const next = take() // possibly the same
        store.copy(next, 0, store.length - lookBack)
        store = next
        start = 0
        end = lookBack
      }
      const copied = chunk.copy(store, end, used)
      used += copied
      end += copied
    }
  }
  yield block(store)
}
