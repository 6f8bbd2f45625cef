/** Items that are handed on together. Nobody waits for the first of them alone, and each hand-over costs. */
const batchSize = 256
/** Most batches of the next stream that are read ahead of time: bounds memory, and is enough for most layers. */
const roomAhead = 40

/**
 * Gives streams one after the other, in batches, while the next one is already being read, so that two layers decompress on
 * two cores. Leaving early closes both.
 */
export async function* readAhead<T>(
  opens: readonly (() => AsyncIterable<T>)[],
): AsyncIterable<AsyncIterable<readonly T[]>> {
  const queues = opens.map((open) => new ReadQueue(open))
  try {
    for (const [index, queue] of queues.entries()) {
      queue.start()
      queues[index + 1]?.start()
      yield queue
      await queue.close()
    }
  } finally {
    for (const queue of queues) await queue.close()
  }
}

class ReadQueue<T> implements AsyncIterable<readonly T[]> {
  readonly #open: () => AsyncIterable<T>
  #batches: T[][] = []
  #started: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined
  #ended = false
  #closed = false
  #wakeReader: () => void = () => {}
  #wakeWriter: () => void = () => {}

  constructor(open: () => AsyncIterable<T>) {
    this.#open = open
  }

  start(): void {
    this.#started ??= this.#fill()
  }

  async #fill(): Promise<void> {
    let batch: T[] = []
    try {
      for await (const item of this.#open()) {
        if (this.#closed) break
        batch.push(item)
        if (batch.length < batchSize) continue
        this.#push(batch)
        batch = []
        if (this.#batches.length < roomAhead) continue
        await new Promise<void>((resolve) => {
          this.#wakeWriter = resolve
        })
        if (this.#closed) break
      }
      this.#push(batch)
    } catch (error) {
      this.#failure = { error }
    }
    this.#ended = true
    this.#wakeReader()
  }

  #push(batch: T[]): void {
    this.#batches.push(batch)
    this.#wakeReader()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly T[]> {
    this.start()
    for (;;) {
      const batches = this.#batches
      this.#batches = []
      this.#wakeWriter()
      yield* batches
      if (this.#batches.length > 0) continue
      if (this.#failure) throw this.#failure.error
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve
      })
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#batches = []
    this.#wakeWriter()
    await this.#started
  }
}
