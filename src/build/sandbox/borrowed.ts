import { chmodSync, existsSync, lstatSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { errnoOf, ioError } from '../../image/error.ts'
import { resolveInRoot } from '../root/resolve.ts'

/** Directories that a sandbox mounts over. */
const mountPoints = ['dev', 'proc', 'run'] as const

interface LoanFile {
  /** Where the image has it, relative to its root. */
  readonly path: string
  readonly content: string
  readonly mode: number
}

/** Services must not start while an image is built (invoke-rc.d(8), deb-systemd-invoke(1)). */
const policy: LoanFile = { path: 'usr/sbin/policy-rc.d', content: '#!/bin/sh\nexit 101\n', mode: 0o755 }

/**
 * Lends a root what programs need while they run in it: the host's resolv.conf, and a policy-rc.d that keeps services
 * from starting. The returned function takes both back, byte for byte and link for link, and removes mount points
 * that the sandbox had to make. A file that the program itself changed or replaced stays as the program left it.
 * `keep` is an empty folder outside the root, on the same file system.
 */
export function lendFiles(root: string, keep: string): () => void {
  const missing = mountPoints.map((name) => join(root, name)).filter((path) => !isThere(path))
  const returns = loans().flatMap((file) => lend(root, file, keep))
  return () => {
    for (const giveBack of returns) giveBack()
    for (const path of missing) removeIfEmpty(path)
  }
}

function loans(): readonly LoanFile[] {
  const resolver = readIfThere('/etc/resolv.conf')
  return [policy, ...(resolver === undefined ? [] : [{ path: 'etc/resolv.conf', content: resolver, mode: 0o644 }])]
}

function lend(root: string, file: LoanFile, keep: string): readonly (() => void)[] {
  const folder = resolveInRoot(root, dirname(file.path))
  if (!existsSync(folder)) return [] // an image without /etc or /usr/sbin has nobody to read it
  const path = join(folder, basename(file.path))
  const kept = join(keep, basename(file.path))
  const own = moveIfThere(path, kept)
  writeFileSync(path, file.content, { flag: 'wx' })
  chmodSync(path, file.mode) // whatever the umask: apt resolves names as a user of its own
  return [
    () => {
      if (isUnchanged(path, file.content)) {
        rmSync(path)
        if (own) renameSync(kept, path)
      } else if (own) {
        rmSync(kept)
      }
    },
  ]
}

function isUnchanged(path: string, content: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && readFileSync(path, 'utf8') === content
}

function moveIfThere(from: string, to: string): boolean {
  if (!isThere(from)) return false
  try {
    renameSync(from, to)
  } catch (error) {
    throw ioError(`move ${from} aside`, error)
  }
  return true
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno !== 'ENOENT' && errno !== 'ENOTEMPTY') throw ioError(`remove ${path}`, error)
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`read ${path}`, error)
  }
}
