import type { Entry, EntryStream } from '../image/entry.ts'
import type { ByteStream } from '../image/stream.ts'
import { Cursor, streamSource } from './cursor.ts'
import { TarScanner } from './scan.ts'
import type { ReadTarOptions } from './types.ts'

/**
 * Reads an uncompressed tar archive: version 7, ustar, pax (POSIX.1-2001) and GNU, with extended attributes, access
 * control lists and sparse files. Nothing is kept in memory but one chunk of the source and one entry's header; bodies
 * are slices of the source's chunks.
 *
 * The archive ends at its zero blocks, or with the source on a block boundary; the source is then read to its end, so
 * that a digest over it is complete. Leaving early, or an error, closes the source.
 *
 * Throws 'bad-input' for what breaks the format or leads outside the root (`..`, absolute names unless stripped) and for
 * archives that end early, 'limit' for headers and sparse maps beyond the limits, 'unsupported' for sparse forms that
 * only star writes. Messages name the archive, the byte and the entry. Errors of the source pass through.
 */
export function readTar(source: ByteStream, options: ReadTarOptions): EntryStream {
  return { [Symbol.asyncIterator]: () => new TarEntries(source, options) }
}

class TarEntries implements AsyncIterator<Entry> {
  readonly #cursor: Cursor
  readonly #scanner: TarScanner
  #finished = false

  constructor(source: ByteStream, options: ReadTarOptions) {
    this.#cursor = new Cursor(streamSource(source))
    this.#scanner = new TarScanner(this.#cursor, options)
  }

  async next(): Promise<IteratorResult<Entry>> {
    if (this.#finished) return { done: true, value: undefined }
    try {
      const entry = await this.#scanner.next()
      if (entry !== undefined) return { done: false, value: entry }
      await this.#cursor.drain()
      this.#finished = true
      return { done: true, value: undefined }
    } catch (error) {
      this.#finished = true
      // The first error is the one that tells; a source that fails once more while closing adds nothing.
      await this.#cursor.close().catch(() => undefined)
      throw error
    }
  }

  async return(): Promise<IteratorResult<Entry>> {
    this.#finished = true
    await this.#cursor.close()
    return { done: true, value: undefined }
  }
}
