import type { DatabaseSync } from 'node:sqlite'
import type { Condition } from '../../store/catalog/condition.ts'
import { expiringImages } from '../../store/catalog/list.ts'

const most = 10

/**
 * One line for each image of a condition that expires within so many days; `now` in seconds since the epoch. At most ten, then the
 * number of the others.
 */
export function expiringSoon(database: DatabaseSync, which: Condition, now: number, days: number): readonly string[] {
  const { images, first } = expiringImages(database, which, now, now + days * 86_400, most)
  const lines = first.map(({ alias, fingerprint, expiresAt }) => {
    const name = alias ?? fingerprint.slice(0, 12)
    return `${name} expires on ${new Date(expiresAt * 1000).toISOString().slice(0, 10)}`
  })
  return images > most ? [...lines, `… and ${images - most} more`] : lines
}
