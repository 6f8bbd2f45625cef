/** Most headers of the next layer that are read ahead of time: bounds memory, and is enough for most layers. */
const roomAhead = 20_000

/**
 * Gives streams one after the other while the next one is already being read, so that two layers decompress on two cores.
 * Leaving early closes both.
 */
export async function* readAhead<T>(opens: readonly (() => AsyncIterable<T>)[]): AsyncIterable<AsyncIterable<T>> {
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

class ReadQueue<T> implements AsyncIterable<T> {
  readonly #open: () => AsyncIterable<T>
  #items: T[] = []
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
    try {
      for await (const item of this.#open()) {
        if (this.#closed) break
        this.#items.push(item)
        if (this.#items.length === 1) this.#wakeReader()
        if (this.#items.length >= roomAhead) await new Promise<void>((resolve) => (this.#wakeWriter = resolve))
      }
    } catch (error) {
      this.#failure = { error }
    }
    this.#ended = true
    this.#wakeReader()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    this.start()
    for (;;) {
      const items = this.#items
      this.#items = []
      this.#wakeWriter()
      for (const item of items) yield item
      if (this.#items.length > 0) continue
      if (this.#failure) throw this.#failure.error
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wakeReader = resolve))
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#items = []
    this.#wakeWriter()
    await this.#started
  }
}
