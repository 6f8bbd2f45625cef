import type { Migration } from 'kysely/migration'
import { up as images } from './0001-images.ts'

/** All versions of the catalog, oldest first. A version that was released is never changed; a new one is added. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-images': { up: images },
}

export const newestVersion = Object.keys(migrations).length
