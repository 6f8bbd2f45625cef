import type { ByteString } from './bytes.ts'
import type { ByteStream } from './stream.ts'

export const entryTypes = ['file', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo'] as const
export type EntryType = (typeof entryTypes)[number]

/** A run of real data in a sparse file; what lies between runs reads as zeros. Bytes. */
export interface DataRun {
  readonly offset: number
  readonly length: number
}

/** What a root file system says about one path. */
export interface EntryHeader {
  /**
   * Relative to the image's root, in canonical form: no leading `/` or `./`, no trailing `/`, no empty, `.` or `..`
   * component, no NUL. The root directory itself is the empty string.
   */
  readonly path: ByteString
  readonly type: EntryType
  /** Permission bits with setuid, setgid and sticky: 0..0o7777. */
  readonly mode: number
  /** 0..2^32−2. */
  readonly uid: number
  readonly gid: number
  /** Nanoseconds since the epoch; may be negative. */
  readonly mtime: bigint
  /** Files: apparent size in bytes (holes included). Everything else: 0. */
  readonly size: number
  /** Symlink: the target exactly as stored. Hard link: the canonical path of an earlier entry. Else ''. */
  readonly linkTarget: ByteString
  /** Devices only, else 0. */
  readonly devMajor: number
  readonly devMinor: number
  /** Extended attributes by full name (`security.capability`, `system.posix_acl_access`, `user.*` …), raw values. */
  readonly xattrs: ReadonlyMap<ByteString, Buffer>
  /** Files with holes: the data runs, ascending, not overlapping, inside `size`; possibly none. Absent = no holes. */
  readonly sparse?: readonly DataRun[]
}

/**
 * One entry of a stream. `body` yields the file's data: `size` bytes, or for a sparse file the bytes of its runs
 * one after the other. It is empty for all other types. It may be read once, and only before the stream is asked for
 * its next entry; what is not read is skipped.
 */
export interface Entry extends EntryHeader {
  readonly body: ByteStream
}

/** Entries in archive order. Leaving the loop early closes the source. */
export type EntryStream = AsyncIterable<Entry>

export const noXattrs: ReadonlyMap<ByteString, Buffer> = new Map()

/** A body without bytes. */
export const emptyBody: ByteStream = { async *[Symbol.asyncIterator]() {} }

/** A body of bytes in memory. */
export function bodyOf(bytes: Buffer): ByteStream {
  if (bytes.length === 0) return emptyBody
  return {
    async *[Symbol.asyncIterator]() {
      yield bytes
    },
  }
}

/** The number of bytes that an entry's body yields. */
export function bodySize(header: EntryHeader): number {
  if (header.type !== 'file') return 0
  if (header.sparse === undefined) return header.size
  let total = 0
  for (const run of header.sparse) total += run.length
  return total
}

/** A header with defaults: root-owned, time 0, no xattrs; files 0644, directories and symlinks 0755 and 0777. */
export function makeHeader(fields: Partial<EntryHeader> & Pick<EntryHeader, 'path' | 'type'>): EntryHeader {
  const modes: Partial<Record<EntryType, number>> = { directory: 0o755, symlink: 0o777 }
  return {
    mode: modes[fields.type] ?? 0o644,
    uid: 0,
    gid: 0,
    mtime: 0n,
    size: 0,
    linkTarget: '',
    devMajor: 0,
    devMinor: 0,
    xattrs: noXattrs,
    ...fields,
  }
}

/** The path of the directory that holds `path` ('' for top-level entries). */
export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

/** The last component of a path. */
export function baseName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1)
}
