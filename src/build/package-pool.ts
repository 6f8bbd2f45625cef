import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ioError } from '../image/error.ts'

/** Which of the files that a package manager fetches are packages. */
export interface PackageFiles {
  /** The folder of an image that they lie in. */
  readonly place: string
  /** Of their paths below it: of whole packages, not of those on their way. */
  readonly pattern: RegExp
}

export const debFiles: PackageFiles = { place: '/var/cache/apt/archives', pattern: /^[^/]+\.deb$/ }
export const dnfFiles: PackageFiles = { place: '/var/cache/dnf', pattern: /^[^/]+\/packages\/[^/]+\.rpm$/ }
export const pacmanFiles: PackageFiles = {
  place: '/var/cache/pacman/pkg',
  pattern: /^[^/]+\.pkg\.tar(\.\w+)?(\.sig)?$/,
}

/** Does what downloads packages into a new folder, with those that were downloaded before in it; what is new is kept, what was refused forgotten. */
export async function withPool<T>(
  pool: string,
  files: PackageFiles,
  folder: string,
  work: () => Promise<T>,
): Promise<T> {
  takeFromPool(pool, files, folder)
  try {
    return await work()
  } catch (error) {
    forgetRefused(pool, files, folder)
    throw error
  } finally {
    giveToPool(pool, files, folder)
  }
}

/**
 * Fills a new folder with links to all packages that were downloaded before. Package managers take one of them only where it is what the
 * lists of the archive say (size and hash), so the pool need not be trusted. Both are on one file system.
 */
export function takeFromPool(pool: string, files: PackageFiles, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    for (const { kept, path } of packagesIn(pool, files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      linkSync(kept, join(folder, path))
    }
  } catch (error) {
    throw ioError(`take packages from ${pool}`, error)
  }
}

/** Keeps what is new in the folder for other builds. */
export function giveToPool(pool: string, { place, pattern }: PackageFiles, folder: string): void {
  const paths = filesBelow(folder).filter((path) => pattern.test(path) && !path.includes('\\'))
  try {
    for (const path of paths) keep(join(folder, path), join(pool, poolName(place, path)))
  } catch (error) {
    throw ioError(`keep packages in ${pool}`, error)
  }
}

/** Forgets what was taken and is gone from the folder: the package manager has found that it is not what it should be. */
export function forgetRefused(pool: string, files: PackageFiles, folder: string): void {
  for (const { kept, path } of packagesIn(pool, files)) {
    if (!existsSync(join(folder, path))) rmSync(kept, { force: true })
  }
}

function packagesIn(pool: string, { place, pattern }: PackageFiles) {
  const prefix = poolName(place, '')
  return readdirSync(pool)
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ kept: join(pool, name), path: name.slice(prefix.length).replaceAll('\\', '/') }))
    .filter(({ path }) => pattern.test(path))
}

/** Files below a folder that a program of an image has filled: links are not followed. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

function poolName(place: string, path: string): string {
  return join(place, '/', path).replaceAll('/', '\\')
}

function keep(file: string, kept: string): void {
  if (statSync(kept, { throwIfNoEntry: false })?.ino === statSync(file).ino) return
  const temporary = `${kept}.${process.pid}.tmp`
  rmSync(temporary, { force: true })
  linkSync(file, temporary)
  renameSync(temporary, kept)
}
