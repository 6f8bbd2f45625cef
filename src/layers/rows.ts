const pageBits = 16
const pageMask = (1 << pageBits) - 1

/**
 * Rows of 32-bit numbers, outside of the garbage-collected heap. They grow page by page: growing by copying leaves holes where the
 * smaller copies were, and a process does not give those back.
 */
export class Rows {
  /** How many there are. */
  count = 0
  readonly #width: number
  readonly #pages: Int32Array<ArrayBuffer>[] = []

  /** `width`: how many numbers a row has. */
  constructor(width: number) {
    this.#width = width
  }

  /** Adds a row of zeros; its number. */
  add(): number {
    if (this.count >>> pageBits === this.#pages.length) this.#pages.push(new Int32Array(this.#width << pageBits))
    return this.count++
  }

  get(row: number, field: number): number {
    return this.#pages[row >>> pageBits]![(row & pageMask) * this.#width + field]!
  }

  set(row: number, field: number, value: number): void {
    this.#pages[row >>> pageBits]![(row & pageMask) * this.#width + field] = value
  }

  /** A copy of a row's numbers from `field` on. */
  slice(row: number, field: number): Int32Array {
    const at = (row & pageMask) * this.#width
    return this.#pages[row >>> pageBits]!.slice(at + field, at + this.#width)
  }

  /** Puts numbers into a row, from `field` on. */
  put(row: number, field: number, numbers: Int32Array): void {
    this.#pages[row >>> pageBits]!.set(numbers, (row & pageMask) * this.#width + field)
  }

  /** Gives the memory back at once, not when it is found to be unused; then there are no rows. */
  release(): void {
    for (const page of this.#pages) page.buffer.transfer(0)
    this.#pages.length = 0
    this.count = 0
  }
}
