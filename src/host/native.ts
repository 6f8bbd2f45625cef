import { chmodSync } from 'node:fs'
import { type ByteString, bufferFromBytes, bytesFromBuffer, displayBytes } from '../image/bytes.ts'
import type { DataRun } from '../image/entry.ts'
import { errnoOf, ioError } from '../image/error.ts'
import { lastError, libc } from './libc.ts'

// Linux allows at most 64 KiB for the list of names and for each value (xattr(7)), so one buffer of that size always
// does. Calls are synchronous: each worker thread has its own copy of these.
const maxXattr = 65536
/** Paths of calls with a folder are as of others (AT_FDCWD). */
const currentFolder = -100
const scratch = Buffer.allocUnsafeSlow(maxXattr)
let pathScratch = Buffer.allocUnsafeSlow(4096)

/**
 * All extended attributes of a path, links not followed: full names and raw values, in the file system's order.
 * Empty where the file system has none. Throws 'not-found' and 'io'.
 */
export function listXattrs(path: Buffer): Map<ByteString, Buffer> {
  const values = new Map<ByteString, Buffer>()
  const { llistxattr, lgetxattr } = libc()
  const file = terminated(path)
  const length = llistxattr(file, scratch, maxXattr)
  if (length < 0) {
    const error = lastError('llistxattr')
    if (error.code === 'ENOTSUP' || error.code === 'EOPNOTSUPP') return values
    throw failure('list extended attributes of', path, error)
  }
  if (length === 0) return values
  for (const name of scratch.toString('latin1', 0, length - 1).split('\0')) {
    const size = lgetxattr(file, Buffer.from(`${name}\0`, 'latin1'), scratch, maxXattr)
    if (size >= 0) values.set(name, Buffer.from(scratch.subarray(0, size)))
    else {
      const error = lastError('lgetxattr')
      if (error.code !== 'ENODATA') throw failure(`read extended attribute ${displayBytes(name)} of`, path, error)
    }
  }
  return values
}

/**
 * Sets one extended attribute, link not followed. Throws 'io'; the errno name is the `code` of the error's `cause`
 * (`EOPNOTSUPP`: not on this file system, `EPERM`: not for this user).
 */
export function setXattr(path: Buffer, name: ByteString, value: Buffer): void {
  const key = terminated(bufferFromBytes(name), Buffer.allocUnsafe(name.length + 1))
  if (libc().lsetxattr(terminated(path), key, value, value.length, 0) < 0) {
    throw failure(`set extended attribute ${displayBytes(name)} of`, path, lastError('lsetxattr'))
  }
}

/** Creates a device node or FIFO with exactly these permission bits. `major` and `minor` count for devices only. Throws 'exists' and 'io'. */
export function makeNode(
  path: Buffer,
  type: 'char' | 'block' | 'fifo',
  mode: number,
  major: number,
  minor: number,
): void {
  const kinds = { char: 0o020000, block: 0o060000, fifo: 0o010000 }
  const device = type === 'fifo' ? 0n : deviceNumber(major, minor)
  if (libc().mknod(terminated(path), kinds[type] | mode, device) < 0) {
    throw failure('create the device or FIFO', path, lastError('mknod'))
  }
  if (process.umask() & mode) chmodSync(path, mode)
}

/**
 * Exchanges two names in one step (rename(2), RENAME_EXCHANGE): nobody sees one of them missing. False where the C library or the file
 * system cannot. Throws 'not-found' and 'io'.
 */
export function exchangePaths(a: Buffer, b: Buffer): boolean {
  const exchange = 2
  const { renameat2 } = libc()
  if (!renameat2) return false
  const [first, second] = [a, b].map((path) => Buffer.from(terminated(path).subarray(0, path.length + 1)))
  if (renameat2(currentFolder, first!, currentFolder, second!, exchange) === 0) return true
  const error = lastError('renameat2')
  if (error.code === 'EINVAL' || error.code === 'ENOSYS') return false
  throw failure('exchange names with', a, error)
}

/** Sets the modification and access time, link not followed, to nanoseconds since the epoch (may be negative). Throws 'not-found' and 'io'. */
export function setTimes(path: Buffer, mtimeNs: bigint): void {
  const billion = 1_000_000_000n
  const nanoseconds = ((mtimeNs % billion) + billion) % billion
  const seconds = (mtimeNs - nanoseconds) / billion
  const noFollow = 0x100
  const times = BigInt64Array.of(seconds, nanoseconds, seconds, nanoseconds)
  if (libc().utimensat(currentFolder, terminated(path), times, noFollow) < 0) {
    throw failure('set the times of', path, lastError('utimensat'))
  }
}

/**
 * The data runs of an open file of `size` bytes, or undefined when it has no holes or the file system cannot tell.
 * Moves the file position. Throws 'io'.
 */
export function dataRuns(fd: number, size: number): DataRun[] | undefined {
  const { lseek } = libc()
  const [seekData, seekHole] = [3, 4]
  const runs: DataRun[] = []
  let end = 0
  while (end < size) {
    const start = lseek(fd, end, seekData)
    if (start < 0) {
      const error = lastError('lseek')
      if (error.code === 'ENXIO') break // a hole up to the end
      if (error.code === 'EINVAL') return undefined
      throw ioError('look for holes in an open file', error)
    }
    if (start >= size) break
    const hole = lseek(fd, start, seekHole)
    if (hole < 0) throw ioError('look for holes in an open file', lastError('lseek'))
    end = Math.min(hole, size)
    runs.push({ offset: start, length: end - start })
  }
  const whole = size === 0 || (runs.length === 1 && runs[0]!.length === size)
  return whole ? undefined : runs
}

/** The 64-bit device number of the C library (makedev(3)). */
function deviceNumber(major: number, minor: number): bigint {
  const [a, b] = [BigInt(major), BigInt(minor)]
  return ((a & 0xfffn) << 8n) | (b & 0xffn) | ((b & ~0xffn) << 12n) | ((a & ~0xfffn) << 32n)
}

/** The bytes with a NUL behind them, in `target`. A NUL inside would cut the path short, so it is an error. */
function terminated(bytes: Buffer, target = pathScratch): Buffer {
  if (bytes.includes(0)) throw new TypeError(`a NUL byte in ${displayBytes(bytesFromBuffer(bytes))}`)
  if (bytes.length >= target.length) target = pathScratch = Buffer.allocUnsafeSlow(bytes.length * 2)
  bytes.copy(target)
  target[bytes.length] = 0
  return target
}

function failure(doing: string, path: Buffer, error: Error): Error {
  const shown = displayBytes(bytesFromBuffer(path))
  return errnoOf(error) === undefined ? error : ioError(`${doing} ${shown}`, error)
}
