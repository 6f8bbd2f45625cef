import type { TarScanner } from './scan.ts'

const done: IteratorResult<Buffer> = { done: true, value: undefined }

/** The data of the scanner's current entry, as slices of the source's chunks. */
export class Body implements AsyncIterableIterator<Buffer> {
  readonly #scanner: TarScanner
  /** The entry this belongs to, by its count in the archive. */
  readonly #entry: number

  constructor(scanner: TarScanner) {
    this.#scanner = scanner
    this.#entry = scanner.entryCount
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Never waits where the source's current chunk has data. */
  async next(): Promise<IteratorResult<Buffer>> {
    const scanner = this.#scanner
    if (scanner.entryCount !== this.#entry) throw new Error('a tar entry was read after the next one was asked for')
    if (scanner.remaining === 0) return done
    const { cursor } = scanner
    if (cursor.available === 0 && !(await cursor.pull())) throw scanner.truncated()
    const length = Math.min(cursor.available, scanner.remaining)
    const { chunk, position } = cursor
    cursor.position += length
    scanner.remaining -= length
    return { done: false, value: chunk.subarray(position, position + length) }
  }

  async return(): Promise<IteratorResult<Buffer>> {
    return done
  }
}
