import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { dataRuns } from '../../host/native.ts'
import type { DataRun } from '../../image/entry.ts'
import { errnoOf, IngotError, ioError } from '../../image/error.ts'
import type { ByteStream } from '../../image/stream.ts'

const chunkBytes = 1024 * 1024

/** A file as it was when the walk saw it. */
export interface SeenFile {
  readonly host: Buffer
  /** For messages. */
  readonly display: string
  readonly stat: BigIntStats
}

/** The data runs of a file that takes less room than its size, else undefined. */
export function findRuns(file: SeenFile): readonly DataRun[] | undefined {
  const { size, blocks } = file.stat
  if (blocks * 512n >= size) return undefined
  return withFile(file, (fd) => dataRuns(fd, Number(size)))
}

/**
 * The bytes of a file, or of its data runs one after the other. Throws 'io' when it cannot be read, and when it is not
 * the file any more that the walk saw, or has changed its size.
 */
export async function* fileBody(file: SeenFile, runs: readonly DataRun[] | undefined): ByteStream {
  const fd = openSeen(file)
  try {
    for (const run of runs ?? [{ offset: 0, length: Number(file.stat.size) }]) {
      for (let done = 0; done < run.length; ) {
        const chunk = readChunk(fd, file, run.offset + done, Math.min(chunkBytes, run.length - done))
        done += chunk.length
        yield chunk
      }
    }
    if (fstatSync(fd, { bigint: true }).size !== file.stat.size) throw changed(file)
  } finally {
    closeSync(fd)
  }
}

function readChunk(fd: number, file: SeenFile, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length)
  let read: number
  try {
    read = readSync(fd, buffer, 0, length, offset)
  } catch (error) {
    throw ioError(`read ${file.display} at offset ${offset}`, error)
  }
  if (read === 0) throw changed(file)
  return read === length ? buffer : buffer.subarray(0, read)
}

function withFile<T>(file: SeenFile, use: (fd: number) => T): T {
  const fd = openSeen(file)
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function openSeen(file: SeenFile): number {
  let fd: number
  try {
    fd = openSync(file.host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ELOOP' || errno === 'ENOTDIR') throw changed(file)
    throw ioError(`read ${file.display}`, error)
  }
  const now = fstatSync(fd, { bigint: true })
  if (now.ino !== file.stat.ino || now.dev !== file.stat.dev || now.size !== file.stat.size) {
    closeSync(fd)
    throw changed(file)
  }
  return fd
}

function changed(file: SeenFile): IngotError {
  return new IngotError('io', `cannot read ${file.display}: it changed while it was being read`, {
    hint: 'Stop what writes to it, or read from a snapshot.',
  })
}
