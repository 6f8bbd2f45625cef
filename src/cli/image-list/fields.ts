import { findArchitecture } from '../../image/platform.ts'
import { isoTime } from '../../image/time-text.ts'
import type { ImageRecord } from '../../store/catalog/image-record.ts'

export type Predicate = (image: ImageRecord) => boolean

/** What each field of an image that is no property prints, in any of the list's formats; undefined where it has none. */
const printed: ReadonlyMap<string, (image: ImageRecord) => string | undefined> = new Map([
  ['type', (image) => image.type],
  ['format', (image) => image.format],
  ['variant', (image) => image.variant],
  ['size', (image) => String(image.size)],
  ['filename', (image) => image.fileName],
  ['created_at', (image) => time(image.createdAt)],
  ['expires_at', (image) => time(image.expiresAt)],
  ['last_used_at', (image) => time(image.lastUsedAt)],
  ['uploaded_at', (image) => time(image.uploadedAt)],
])

const flags: ReadonlyMap<string, (image: ImageRecord) => boolean> = new Map([
  ['public', (image) => image.public],
  ['cached', (image) => image.cached],
  ['auto_update', (image) => image.autoUpdate],
])

/** Whether a field of this name needs more than a brief record. */
export function isBeyondBrief(key: string): boolean {
  return beyondBrief.has(key)
}

const beyondBrief = new Set(['format', 'variant', 'filename', 'created_at', 'last_used_at', 'cached', 'auto_update'])

/**
 * What tells images whose field `key` is printed as `value`, in small or capital letters; undefined when there is no
 * such field. An architecture goes by any of its names, a fingerprint by any beginning of it (the table prints 12
 * digits), and a flag by `true` and `false` or by `yes` and `no`.
 */
export function fieldIs(key: string, value: string): Predicate | undefined {
  const wanted = value.toLowerCase()
  if (key === 'architecture') {
    const architecture = findArchitecture(value)
    return (image) => image.architecture === architecture
  }
  if (key === 'fingerprint') return (image) => wanted !== '' && image.fingerprint.startsWith(wanted)
  const flag = flags.get(key)
  if (flag)
    return (image) => (flag(image) ? wanted === 'true' || wanted === 'yes' : wanted === 'false' || wanted === 'no')
  const text = printed.get(key)
  return text && ((image) => (text(image) ?? '').toLowerCase() === wanted)
}

function time(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : isoTime(seconds)
}
