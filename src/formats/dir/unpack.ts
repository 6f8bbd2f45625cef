import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
} from 'node:fs'
import { makeNode, setTimes, setXattr } from '../../host/native.ts'
import { inUserNamespace } from '../../host/user-namespace.ts'
import { type ByteString, bufferFromBytes, displayBytes } from '../../image/bytes.ts'
import { type Entry, type EntryHeader, type EntryStream, makeHeader, parentPath } from '../../image/entry.ts'
import { errnoOf, IngotError, ioError } from '../../image/error.ts'
import type { Tally } from '../tally.ts'
import { writeWithHoles } from './holes.ts'
import { createPacer } from './pacer.ts'
import { type TreePaths, treePaths } from './path.ts'
import { isHostXattr } from './walk.ts'

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Unpacks a whole tree (flattened: parents first, no path twice) into the empty directory `root`, as root: true owners,
 * modes, xattrs, device nodes, nanosecond times, hard links, holes. Nothing is followed: every path is made anew, and
 * only inside directories that this call made, which nobody else may enter before all is done. Xattrs that belong to the
 * host, or that this file system cannot hold, are left out and counted in `tally`.
 * Throws 'bad-input' for a tree that is not in that form, and 'io'.
 */
export async function unpackTree(entries: EntryStream, root: string, tally: Tally): Promise<void> {
  const paths = treePaths(root)
  const pause = createPacer()
  const folders = new Map<ByteString, EntryHeader>([['', makeHeader({ path: '', type: 'directory' })]])
  chmodSync(paths.host(''), 0o700)
  for await (const entry of entries) {
    const wait = pause()
    if (wait) await wait
    if (entry.type === 'directory') {
      if (entry.path !== '') makeInside(paths, folders, entry, (host) => mkdirSync(host, 0o700))
      folders.set(entry.path, entry)
    } else if (entry.type === 'file') {
      await makeFile(paths, folders, entry, tally)
    } else {
      if (isDevice(entry) && inUserNamespace()) {
        tally.add('device nodes cannot be made by an ordinary user; left out', entry.path)
        continue
      }
      makeInside(paths, folders, entry, (host) => makeOther(paths, folders, entry, host))
      if (entry.type === 'hardlink') continue // its attributes are the file's, set already
      applyToPath(paths, entry, tally)
    }
  }
  // Last, and the deepest first: what is made inside a directory changes its time and may need its owner's permissions.
  for (const folder of [...folders.values()].reverse()) {
    applyToPath(paths, folder, tally)
    const wait = pause()
    if (wait) await wait
  }
}

function isDevice({ type }: EntryHeader): boolean {
  return type === 'char' || type === 'block'
}

type Folders = ReadonlyMap<ByteString, EntryHeader>

function makeInside(paths: TreePaths, folders: Folders, { path }: EntryHeader, make: (host: Buffer) => void): void {
  checkParent(paths, folders, path)
  guarded(paths, path, () => make(paths.host(path)))
}

function checkParent(paths: TreePaths, folders: Folders, path: ByteString): void {
  if (path !== '' && folders.has(parentPath(path))) return
  throw new IngotError('bad-input', `cannot create ${paths.display(path)}: its parent is no directory of the image`)
}

function guarded(paths: TreePaths, path: ByteString, make: () => void): void {
  try {
    make()
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' || (error instanceof IngotError && error.code === 'exists')) {
      throw new IngotError('bad-input', `${paths.display(path)}: the image has this path twice`, { cause: error })
    }
    throw ioError(`create ${paths.display(path)}`, error)
  }
}

function makeOther(paths: TreePaths, folders: Folders, entry: Entry, host: Buffer): void {
  const { type } = entry
  if (type === 'symlink') symlinkSync(bufferFromBytes(entry.linkTarget), host)
  else if (type === 'hardlink') {
    checkParent(paths, folders, entry.linkTarget)
    linkSync(paths.host(entry.linkTarget), host)
  } else if (type === 'char' || type === 'block' || type === 'fifo') {
    makeNode(host, type, 0o600, entry.devMajor, entry.devMinor)
  }
}

async function makeFile(paths: TreePaths, folders: Folders, entry: Entry, tally: Tally): Promise<void> {
  checkParent(paths, folders, entry.path)
  const host = paths.host(entry.path)
  let fd = -1
  guarded(paths, entry.path, () => {
    fd = openSync(host, newFile, 0o600)
  })
  try {
    await fillFile(fd, entry)
    fchownSync(fd, entry.uid, entry.gid)
    fchmodSync(fd, entry.mode)
  } catch (error) {
    throw ioError(`write ${paths.display(entry.path)}`, error)
  } finally {
    closeSync(fd)
  }
  finish(host, entry, tally)
}

async function fillFile(fd: number, entry: Entry): Promise<void> {
  if (entry.size === 0) return
  const runs = entry.sparse ? [...entry.sparse] : [{ offset: 0, length: entry.size }]
  let [run, done] = [runs.shift(), 0]
  for await (const chunk of entry.body) {
    for (let at = 0; at < chunk.length; ) {
      while (run && done === run.length) [run, done] = [runs.shift(), 0]
      if (!run) throw new IngotError('bad-input', `${displayBytes(entry.path)}: more data than its size`)
      const part = chunk.subarray(at, at + run.length - done)
      writeWithHoles(fd, part, run.offset + done)
      at += part.length
      done += part.length
    }
  }
  ftruncateSync(fd, entry.size)
}

/** Owner, then mode (a change of owner clears setuid), then xattrs (it clears capabilities too), then times. */
function applyToPath(paths: TreePaths, entry: EntryHeader, tally: Tally): void {
  const host = paths.host(entry.path)
  try {
    lchownSync(host, entry.uid, entry.gid)
    if (entry.type !== 'symlink') chmodSync(host, entry.mode)
  } catch (error) {
    throw ioError(`set owner and mode of ${paths.display(entry.path)}`, error)
  }
  finish(host, entry, tally)
}

function finish(host: Buffer, entry: EntryHeader, tally: Tally): void {
  for (const [name, value] of entry.xattrs) {
    if (isHostXattr(name)) tally.add(`the extended attribute ${name} belongs to a host; left out`, entry.path)
    else setOneXattr(host, entry.path, name, value, tally)
  }
  setTimes(host, entry.mtime)
}

function setOneXattr(host: Buffer, path: ByteString, name: ByteString, value: Buffer, tally: Tally): void {
  try {
    setXattr(host, name, value)
  } catch (error) {
    const errno = error instanceof IngotError ? errnoOf(error.cause) : undefined
    if (errno !== 'ENOTSUP' && errno !== 'EOPNOTSUPP') throw error
    tally.add(`this file system cannot hold the extended attribute ${displayBytes(name)}; left out`, path)
  }
}
