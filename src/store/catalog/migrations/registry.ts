import type { Migration } from 'kysely/migration'
import { up as images } from './0001-images.ts'
import { up as description } from './0002-description.ts'
import { up as listing } from './0003-listing.ts'

/** All versions of the catalog, oldest first. A version that was released is never changed; a new one is added. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-images': { up: images },
  '0002-description': { up: description },
  '0003-listing': { up: listing },
}

export const newestVersion = Object.keys(migrations).length
