import type { Migration } from 'kysely/migration'
import { up as images } from './0001-images.ts'
import { up as description } from './0002-description.ts'
import { up as listing } from './0003-listing.ts'
import { up as widths } from './0004-widths.ts'

/** All versions of the catalog, oldest first. A version that was released is never changed; a new one is added. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-images': { up: images },
  '0002-description': { up: description },
  '0003-listing': { up: listing },
  '0004-widths': { up: widths },
}

export const newestVersion = Object.keys(migrations).length
