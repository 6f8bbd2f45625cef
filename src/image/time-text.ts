const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Whether a time (seconds since the epoch) is one; LXD too takes 0 for none. */
export function isGiven(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds > 0
}

// Of the days and minutes that were printed: a long list has the same ones again and again.
const dayTexts = new Map<number, string>()
const clockTexts = new Map<number, string>()
const isoDays = new Map<number, string>()

/** `Nov 21, 2026 at 10:06am (UTC)`, as the columns of `lxc image list` have it; UTC always. */
export function columnTime(seconds: number): string {
  const minute = Math.floor(bounded(seconds) / 60)
  const day = Math.floor(minute / 1440)
  return remembered(dayTexts, day, dayText) + remembered(clockTexts, minute - day * 1440, clockText)
}

function dayText(day: number): string {
  const date = new Date(day * 86_400_000)
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${year(date)} at `
}

function clockText(minute: number): string {
  const hour = Math.floor(minute / 60)
  return `${hour % 12 || 12}:${two(minute % 60)}${hour < 12 ? 'am' : 'pm'} (UTC)`
}

function remembered(texts: Map<number, string>, key: number, make: (key: number) => string): string {
  const known = texts.get(key)
  if (known !== undefined) return known
  const text = make(key)
  texts.set(key, text)
  return text
}

/** `2026/11/21 10:06 UTC`, as `lxc image info` has it. */
export function infoTime(seconds: number): string {
  const date = dateOf(seconds)
  const day = `${year(date)}/${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}`
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`
}

/** `2026-11-21T10:06:12Z`; a fraction of a second is left off. */
export function isoTime(seconds: number): string {
  const second = bounded(seconds)
  const day = Math.floor(second / 86_400)
  const rest = second - day * 86_400
  const date = remembered(isoDays, day, (days) => new Date(days * 86_400_000).toISOString().slice(0, 10))
  return `${date}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}Z`
}

function dateOf(seconds: number): Date {
  return new Date(bounded(seconds) * 1000)
}

/** The years 1 to 9999, which ISO 8601 has. An image may name any number as its date; those outside are printed as the nearest in them. */
export const earliestTime = -62_135_596_800
export const latestTime = 253_402_300_799

function bounded(seconds: number): number {
  return Math.min(Math.max(Math.floor(seconds), earliestTime), latestTime)
}

function year(date: Date): string {
  return String(date.getUTCFullYear()).padStart(4, '0')
}

/** With a nought before a single digit. */
export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
