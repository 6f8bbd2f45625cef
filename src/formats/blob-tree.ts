import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decompress } from '../compression/decompress.ts'
import { detectCompression } from '../compression/detect.ts'
import type { Limits } from '../compression/types.ts'
import { openFile } from '../host/file.ts'
import { bytesFromText } from '../image/bytes.ts'
import { errnoOf, IngotError, ioError } from '../image/error.ts'
import { type ByteFile, countedFile, readHead } from '../image/stream.ts'
import { indexMembers } from '../tar/members.ts'
import { spoolFile } from './spool.ts'

/** Files by path: a layout on disk, or the same thing in a tar. What OCI and Docker images are read from. */
export interface BlobTree {
  /** For messages. */
  readonly name: string
  /**
   * The regular file of a relative path (ordinary text, `/` between components), or undefined when there is none.
   * Throws 'bad-input' when the path leads out of the tree or to something that is not a file.
   */
  file(path: string): Promise<ByteFile | undefined>
}

/** A directory. Symbolic links inside it are followed as long as they stay inside it. */
export function directoryTree(root: string, onRead?: (bytes: number) => void): BlobTree {
  return {
    name: root,
    async file(path) {
      const full = join(root, path)
      try {
        const [base, target] = await Promise.all([realpath(root), realpath(full)])
        if (!target.startsWith(base === '/' ? base : `${base}/`)) {
          throw new IngotError('bad-input', `${full}: leads out of the layout, to ${target}`)
        }
        if (!(await stat(target)).isFile()) throw new IngotError('bad-input', `${full}: is not a regular file`)
        const file = { ...(await openFile(target)), name: full }
        return onRead ? countedFile(file, onRead) : file
      } catch (error) {
        const errno = errnoOf(error)
        if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined
        throw errno === undefined ? error : ioError(`open ${full}`, error)
      }
    },
  }
}

const indexes = new WeakMap<ByteFile, Promise<ReadonlyMap<string, ByteFile>>>()

/**
 * A tar. Its members are found by seeking, so a compressed one is first decompressed, once, into a temporary file that
 * goes when the process ends: the documents that say what to read often come last. `limits` bound that.
 */
export async function archiveTree(file: ByteFile, limits?: Limits): Promise<BlobTree> {
  const kind = detectCompression(await readHead(file, 64))
  const plain =
    kind === 'none'
      ? file
      : await spoolFile(decompress(file.open(), { name: file.name, kind, ...(limits ? { limits } : {}) }), file.name)
  const index = indexes.get(plain) ?? indexMembers(plain)
  indexes.set(plain, index)
  const members = await index
  return {
    name: file.name,
    async file(path) {
      return members.get(bytesFromText(path.replace(/^(\.?\/)+/, '')))
    },
  }
}
