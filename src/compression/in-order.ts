import { availableParallelism } from 'node:os'

/** How many zlib calls run at a time: enough to keep libuv's threads busy, few enough to bound memory. */
export function callsInFlight(most: number): number {
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || 4
  return Math.max(1, Math.min(availableParallelism() + 1, threads, most))
}

/**
 * Applies `work` to each item, at most `width` at a time, and gives the results in the order of the items. Leaving the
 * loop early, or a failure, closes the source and waits for the work that has begun.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const begun: Promise<Result>[] = []
  try {
    for await (const item of items) {
      if (begun.length >= width) yield await begun.shift()!
      const result = work(item)
      result.catch(() => {}) // thrown when its turn comes
      begun.push(result)
    }
    while (begun.length > 0) yield await begun.shift()!
  } finally {
    await Promise.allSettled(begun)
  }
}
