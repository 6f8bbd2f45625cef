import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { listXattrs } from '../../host/native.ts'
import { type ByteString, compareBytes } from '../../image/bytes.ts'
import { type Entry, type EntryHeader, type EntryStream, emptyBody, noXattrs } from '../../image/entry.ts'
import { ioError } from '../../image/error.ts'
import type { Tally } from '../tally.ts'
import { createPacer } from './pacer.ts'
import { type TreePaths, treePaths } from './path.ts'
import { fileBody, findRuns } from './read-file.ts'
import { deviceNumbers, entryType } from './stat.ts'

interface Folder {
  readonly path: ByteString
  /** Names still to come, the next one last. */
  readonly names: ByteString[]
}

/**
 * The entries of a directory tree: the root, then depth first by name in bytewise order, so that the same tree always
 * gives the same stream. Of a hard-linked file the first path is the file and the others are links. Where another file
 * system is mounted only its mount point is taken, as by `tar --one-file-system`. Sockets are left out, and so are the
 * xattrs that belong to the host (`security.selinux`, `system.nfs4_acl`, `trusted.overlay.*`). Both are counted in
 * `tally`. File calls are synchronous, which is many times faster here; the event loop gets its turns.
 * Throws 'io' naming what cannot be read.
 */
export async function* walkTree(root: string, tally: Tally): EntryStream {
  const paths = treePaths(root)
  const pause = createPacer()
  const firstPaths = new Map<string, ByteString>()
  const top = stat(paths, '')
  yield makeEntry(paths, '', top, firstPaths)!
  const folders: Folder[] = [{ path: '', names: namesIn(paths, '') }]
  while (folders.length > 0) {
    const folder = folders.at(-1)!
    const name = folder.names.pop()
    if (name === undefined) {
      folders.pop()
      continue
    }
    const path = folder.path === '' ? name : `${folder.path}/${name}`
    const found = stat(paths, path)
    const entry = makeEntry(paths, path, found, firstPaths)
    if (!entry) {
      tally.add('sockets are no part of an image; left out', path)
      continue
    }
    const wait = pause()
    if (wait) await wait
    yield entry
    if (entry.type !== 'directory') continue
    if (found.dev === top.dev) folders.push({ path, names: namesIn(paths, path) })
    else tally.add('another file system is mounted there; only the empty directory was taken', path)
  }
}

function makeEntry(
  paths: TreePaths,
  path: ByteString,
  found: BigIntStats,
  firstPaths: Map<string, ByteString>,
): Entry | undefined {
  const type = entryType(found)
  if (type === undefined) return undefined
  const host = paths.host(path)
  const header: EntryHeader = {
    path,
    type,
    mode: Number(found.mode) & 0o7777,
    uid: Number(found.uid),
    gid: Number(found.gid),
    mtime: found.mtimeNs,
    size: 0,
    linkTarget: '',
    devMajor: 0,
    devMinor: 0,
    xattrs: noXattrs,
  }
  if (type !== 'directory' && found.nlink > 1n) {
    const key = `${found.dev}:${found.ino}`
    const first = firstPaths.get(key)
    if (first !== undefined) return { ...header, type: 'hardlink', linkTarget: first, body: emptyBody }
    firstPaths.set(key, path)
  }
  const whole = { ...header, xattrs: imageXattrs(host) }
  switch (type) {
    case 'file':
      return fileEntry(whole, { host, display: paths.display(path), stat: found })
    case 'symlink':
      return { ...whole, linkTarget: readLink(paths, path), body: emptyBody }
    case 'char':
    case 'block':
      return { ...whole, ...deviceNumbers(found.rdev), body: emptyBody }
    default:
      return { ...whole, body: emptyBody }
  }
}

function fileEntry(header: EntryHeader, file: Parameters<typeof fileBody>[0]): Entry {
  const runs = findRuns(file)
  const body =
    file.stat.size === 0n ? emptyBody : { [Symbol.asyncIterator]: () => fileBody(file, runs)[Symbol.asyncIterator]() }
  return { ...header, size: Number(file.stat.size), ...(runs && { sparse: runs }), body }
}

function imageXattrs(host: Buffer): ReadonlyMap<ByteString, Buffer> {
  const all = listXattrs(host)
  if (all.size === 0) return noXattrs
  for (const name of all.keys()) if (isHostXattr(name)) all.delete(name)
  return all
}

/** Xattrs that say something about the host, not about the image. */
export function isHostXattr(name: ByteString): boolean {
  return name === 'security.selinux' || name === 'system.nfs4_acl' || name.startsWith('trusted.overlay.')
}

function stat(paths: TreePaths, path: ByteString): BigIntStats {
  try {
    return lstatSync(paths.host(path), { bigint: true })
  } catch (error) {
    throw ioError(`read ${paths.display(path)}`, error)
  }
}

/** Bytewise descending. */
function namesIn(paths: TreePaths, path: ByteString): ByteString[] {
  try {
    return readdirSync(paths.host(path), { encoding: 'latin1' }).sort((a, b) => compareBytes(b, a))
  } catch (error) {
    throw ioError(`read the directory ${paths.display(path)}`, error)
  }
}

function readLink(paths: TreePaths, path: ByteString): ByteString {
  try {
    return readlinkSync(paths.host(path), { encoding: 'latin1' })
  } catch (error) {
    throw ioError(`read the link ${paths.display(path)}`, error)
  }
}
