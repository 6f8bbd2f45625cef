import { linkSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, ioError } from '../image/error.ts'

/**
 * Fills a new folder with links to all packages that were downloaded before. apt takes one of them only where it is what the signed
 * lists of the archive say (size and hash), so the pool need not be trusted. Both are on one file system.
 */
export function takeFromPool(pool: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    for (const name of packagesIn(pool)) linkSync(join(pool, name), join(folder, name))
  } catch (error) {
    throw ioError(`take packages from ${pool}`, error)
  }
}

/** Keeps what is new in the folder for other builds. */
export function giveToPool(pool: string, folder: string): void {
  for (const name of packagesIn(folder)) {
    try {
      linkSync(join(folder, name), join(pool, name))
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw ioError(`keep packages in ${pool}`, error)
    }
  }
}

function packagesIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.deb'))
}
