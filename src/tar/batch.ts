const capacity = 512 * 1024
/** Pieces from this size on pass through without being copied. */
const large = 256 * 1024

/** Gathers small pieces of output into chunks. Pieces of a chunk that has been handed out are never written to again. */
export class Batch {
  #buffer: Buffer = Buffer.allocUnsafeSlow(capacity)
  #start = 0
  #end = 0

  /** Takes the piece in, or answers false when it is large or there is no room: then `overflow` must be called. */
  append(piece: Buffer): boolean {
    const { length } = piece
    if (length >= large || this.#end + length > capacity) return false
    // For a few bytes `set` is quicker than `copy`.
    this.#buffer.set(piece, this.#end)
    this.#end += length
    return true
  }

  /** What has to go out, in order, for a piece that `append` did not take. */
  overflow(piece: Buffer): Buffer[] {
    const out = this.rest()
    if (piece.length >= large) {
      out.push(piece)
    } else {
      this.#buffer = Buffer.allocUnsafeSlow(capacity)
      this.#start = 0
      this.#end = 0
      this.append(piece)
    }
    return out
  }

  /** What has been gathered and not gone out yet. */
  rest(): Buffer[] {
    if (this.#start === this.#end) return []
    const chunk = this.#buffer.subarray(this.#start, this.#end)
    this.#start = this.#end
    return [chunk]
  }
}
