import { chmodSync, existsSync, lchownSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { setTimes } from '../../host/native.ts'
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

/** A place that something is to be mounted on, absolute inside the image, links on the way resolved. */
export interface MountPoint {
  readonly path: string
  readonly kind: 'file' | 'directory'
}

/**
 * Fills `loan`, a directory that will lie over the tree of `root` while programs run in it, with what they need: the host's resolv.conf,
 * a policy-rc.d that keeps services from starting, and mount points that the image lacks. Nothing of it gets into the image; what a
 * program changes or replaces does.
 */
export function fillLoan(root: string, loan: string, points: readonly MountPoint[] = []): void {
  for (const file of loans()) {
    const folder = resolveInRoot(root, dirname(file.path))
    if (!existsSync(folder)) continue // an image without /etc or /usr/sbin has nobody to read it
    const path = join(folder, basename(file.path))
    makeFolders(root, loan, folder)
    const lent = join(loan, relative(root, path))
    writeFileSync(lent, file.content, { flag: 'wx' })
    chmodSync(lent, file.mode) // whatever the umask: apt resolves names as a user of its own
    copyTimes(root, loan, folder)
  }
  const all = [...mountPoints.map((name): MountPoint => ({ path: name, kind: 'directory' })), ...points]
  for (const { path, kind } of all) {
    if (lstatSync(join(root, path), { throwIfNoEntry: false })) continue
    const there = nearestFolder(root, dirname(join(root, path)))
    makeFolders(root, loan, there)
    mkdirSync(join(loan, dirname(path)), { recursive: true, mode: 0o755 })
    if (kind === 'file') writeFileSync(join(loan, path), '', { flag: 'wx' })
    else mkdirSync(join(loan, path), { mode: 0o755 })
    copyTimes(root, loan, there)
  }
}

function nearestFolder(root: string, path: string): string {
  return path === root || existsSync(path) ? path : nearestFolder(root, dirname(path))
}

function loans(): readonly LoanFile[] {
  const resolver = readIfThere('/etc/resolv.conf')
  return [policy, ...(resolver === undefined ? [] : [{ path: 'etc/resolv.conf', content: resolver, mode: 0o644 }])]
}

/** The directories down to `folder`, as the image has them: where they lie over the image's, they are what it shows. */
function makeFolders(root: string, loan: string, folder: string): void {
  for (const [original, copy] of chain(root, loan, folder)) {
    if (existsSync(copy)) continue
    mkdirSync(copy)
    const { uid, gid, mode } = lstatSync(original)
    lchownSync(copy, uid, gid)
    chmodSync(copy, mode & 0o7777)
  }
}

function copyTimes(root: string, loan: string, folder: string): void {
  for (const [original, copy] of chain(root, loan, folder)) {
    setTimes(Buffer.from(copy), lstatSync(original, { bigint: true }).mtimeNs)
  }
}

function chain(root: string, loan: string, folder: string): readonly (readonly [original: string, copy: string])[] {
  const parts = relative(root, folder).split('/').filter(Boolean)
  return parts.map((_, index) => {
    const path = parts.slice(0, index + 1).join('/')
    return [join(root, path), join(loan, path)]
  })
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`read ${path}`, error)
  }
}
