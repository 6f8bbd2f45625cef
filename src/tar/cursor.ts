import type { ByteStream } from '../image/stream.ts'

/** Where a cursor's bytes come from. */
export interface ChunkSource {
  /** The next chunk, undefined at the end. */
  next(): Promise<Buffer | undefined>
  /** Moves past `bytes` bytes without reading them; false when the source ends before that. Absent: they must be read. */
  seek?(bytes: number): Promise<boolean>
  /** Lets go of the source; more than once is fine. */
  close(): Promise<void>
}

const none = Buffer.alloc(0)

/**
 * A place in a byte source. What can be read without waiting lies in `chunk` from `position` on, and callers take it
 * by moving `position`: that way the common case costs no promise and no copy.
 */
export class Cursor {
  chunk: Buffer = none
  position = 0
  readonly #source: ChunkSource
  /** Offset of `chunk` in the source. */
  #base = 0
  /** What is left of a chunk whose head went into a joined one. */
  #queued: Buffer | undefined

  constructor(source: ChunkSource) {
    this.#source = source
  }

  /** Bytes from the beginning of the source. */
  get offset(): number {
    return this.#base + this.position
  }

  /** Bytes that can be taken without waiting. */
  get available(): number {
    return this.chunk.length - this.position
  }

  /** When nothing is available, gets the next chunk. False at the end of the source. */
  async pull(): Promise<boolean> {
    while (this.position === this.chunk.length) {
      const next = await this.#next()
      if (next === undefined) return false
      this.#use(next)
    }
    return true
  }

  /** Makes `length` bytes available in one piece; false when the source ends before (what there is, is available). */
  async fill(length: number): Promise<boolean> {
    if (this.available === 0 && !(await this.pull())) return false
    if (this.available >= length) return true
    const parts = [this.chunk.subarray(this.position)]
    let missing = length - this.available
    while (missing > 0) {
      const next = await this.#next()
      if (next === undefined) break
      const part = next.length > missing ? next.subarray(0, missing) : next
      if (part !== next) this.#queued = next.subarray(missing)
      parts.push(part)
      missing -= part.length
    }
    this.#use(Buffer.concat(parts))
    return missing === 0
  }

  /** Moves past `length` bytes; false when the source ends before. */
  async skip(length: number): Promise<boolean> {
    let rest = length
    while (rest > this.available) {
      rest -= this.available
      this.position = this.chunk.length
      if (this.#source.seek !== undefined && this.#queued === undefined) {
        if (!(await this.#source.seek(rest))) return false
        this.#use(none)
        this.#base += rest
        return true
      }
      if (!(await this.pull())) return false
    }
    this.position += rest
    return true
  }

  /** Reads the source to its end. */
  async drain(): Promise<void> {
    do this.position = this.chunk.length
    while (await this.pull())
  }

  close(): Promise<void> {
    return this.#source.close()
  }

  async #next(): Promise<Buffer | undefined> {
    const queued = this.#queued
    if (queued === undefined) return await this.#source.next()
    this.#queued = undefined
    return queued
  }

  #use(chunk: Buffer): void {
    this.#base += this.position
    this.chunk = chunk
    this.position = 0
  }
}

/** A stream as a chunk source. It is opened at once and closed at most once. */
export function streamSource(stream: ByteStream): ChunkSource {
  const iterator = stream[Symbol.asyncIterator]()
  let open = true
  return {
    async next() {
      if (!open) return undefined
      let result: IteratorResult<Buffer>
      try {
        result = await iterator.next()
      } catch (error) {
        open = false
        throw error
      }
      if (!result.done) return result.value
      open = false
      return undefined
    },
    async close() {
      if (!open) return
      open = false
      await iterator.return?.()
    },
  }
}
