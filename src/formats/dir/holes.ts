import { writeSync } from 'node:fs'

const block = 4096
const zeros = Buffer.alloc(block)

/** Writes `chunk` at `offset` of an open file, leaving out whole 4 KiB blocks (by file offset) of zeros: they become holes. */
export function writeWithHoles(fd: number, chunk: Buffer, offset: number): void {
  let start = 0 // of data not yet written
  let at = 0
  while (at < chunk.length) {
    const end = Math.min(chunk.length, at + block - ((offset + at) % block))
    if (end - at === block && chunk[at] === 0 && chunk.compare(zeros, 0, block, at, end) === 0) {
      writeAll(fd, chunk.subarray(start, at), offset + start)
      start = end
    }
    at = end
  }
  writeAll(fd, start === 0 ? chunk : chunk.subarray(start), offset + start)
}

function writeAll(fd: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, offset + done)
}
