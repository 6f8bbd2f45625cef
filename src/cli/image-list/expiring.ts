import type { ImageRecord } from '../../store/catalog/image-record.ts'

/** One line for each image that expires within so many days; `now` in seconds since the epoch. At most ten, then their number. */
export function expiringSoon(images: readonly ImageRecord[], now: number, days: number): readonly string[] {
  const soon = images.filter(
    ({ expiresAt }) => expiresAt !== undefined && expiresAt > now && expiresAt <= now + days * 86_400,
  )
  const lines = soon.slice(0, 10).map(({ aliases, fingerprint, expiresAt }) => {
    const name = aliases[0]?.name ?? fingerprint.slice(0, 12)
    return `${name} expires on ${new Date(expiresAt! * 1000).toISOString().slice(0, 10)}`
  })
  return soon.length > 10 ? [...lines, `… and ${soon.length - 10} more`] : lines
}
