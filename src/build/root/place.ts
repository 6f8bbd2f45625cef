import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, IngotError, ioError } from '../../image/error.ts'

/** Who a placed file belongs to and when it was last changed. */
export interface Placement {
  readonly uid: number
  readonly gid: number
  /** Seconds since the epoch. */
  readonly time: number
}

/** Where the bytes of a placed file come from. */
export type FileSource = { readonly content: string | Buffer } | { readonly file: string }

/**
 * Puts a file at a path of the host inside an image's root, in place of a file or link that is there; directories on
 * the way are made, 0755 and root's. Throws 'exists' when a directory is there.
 */
export function placeFile(path: string, source: FileSource, mode: number, placement: Placement): void {
  placeParents(path)
  clear(path)
  try {
    if ('content' in source) writeFileSync(path, source.content, { flag: 'wx', mode: 0o600 })
    else copyFileSync(source.file, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    lchownSync(path, placement.uid, placement.gid)
    chmodSync(path, mode) // after chown, which takes setuid away
    lutimesSync(path, placement.time, placement.time)
  } catch (error) {
    throw ioError(`write ${path}`, error)
  }
}

/** As placeFile, for a symbolic link. */
export function placeLink(path: string, target: string, placement: Placement): void {
  placeParents(path)
  clear(path)
  try {
    symlinkSync(target, path)
    lchownSync(path, placement.uid, placement.gid)
    lutimesSync(path, placement.time, placement.time)
  } catch (error) {
    throw ioError(`write ${path}`, error)
  }
}

/** Makes a directory unless it is there already; then it stays as it is. Throws 'exists' when something else is there. */
export function placeDirectory(path: string, mode: number, placement: Placement): void {
  placeParents(path)
  if (directoryIsThere(path)) return
  try {
    mkdirSync(path)
    lchownSync(path, placement.uid, placement.gid)
    chmodSync(path, mode)
  } catch (error) {
    throw ioError(`create ${path}`, error)
  }
}

function placeParents(path: string): void {
  const parent = dirname(path)
  if (directoryIsThere(parent)) return
  placeParents(parent)
  try {
    mkdirSync(parent)
    chmodSync(parent, 0o755)
  } catch (error) {
    throw ioError(`create ${parent}`, error)
  }
}

function directoryIsThere(path: string): boolean {
  const found = statOf(path)
  if (found === undefined) return false
  if (found.isDirectory()) return true
  throw new IngotError('exists', `cannot create the directory ${path}: something else is there`)
}

function clear(path: string): void {
  const found = statOf(path)
  if (found?.isDirectory()) throw new IngotError('exists', `cannot write ${path}: a directory is there`)
  if (found !== undefined) rmSync(path)
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`read ${path}`, error)
  }
}
