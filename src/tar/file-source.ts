import type { ByteFile } from '../image/stream.ts'
import type { ChunkSource } from './cursor.ts'

const smallestWindow = 4 * 1024
const largestWindow = 1024 * 1024

/**
 * A file read for its headers: what a seek passes over is not read. The window that is read at once grows while
 * headers lie close together and shrinks when bodies are far larger than it.
 */
export function fileSource(file: ByteFile): ChunkSource {
  let at = 0
  let windowEnd = 0
  let window = 16 * 1024
  let chunks: AsyncIterator<Buffer> | undefined

  async function close(): Promise<void> {
    const open = chunks
    chunks = undefined
    await open?.return?.()
  }

  return {
    async next() {
      for (;;) {
        if (chunks === undefined) {
          if (at >= file.size) return undefined
          windowEnd = Math.min(file.size, at + window)
          chunks = file.open(at, windowEnd)[Symbol.asyncIterator]()
          window = Math.min(window * 2, largestWindow)
        }
        const result = await chunks.next()
        if (!result.done) {
          at += result.value.length
          return result.value
        }
        chunks = undefined
        if (at < windowEnd) return undefined
      }
    },
    async seek(bytes) {
      if (bytes > file.size - at) return false
      await close()
      at += bytes
      if (bytes > window) window = Math.max(smallestWindow, window / 4)
      return true
    },
    close,
  }
}
