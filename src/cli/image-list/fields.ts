import { findArchitecture } from '../../image/platform.ts'
import { earliestTime, isoTime, latestTime } from '../../image/time-text.ts'
import { type Condition, condition, listedCondition, never } from '../../store/catalog/condition.ts'

/** The catalog's columns for the fields of an image that are no properties. */
const texts: ReadonlyMap<string, string> = new Map([
  ['type', 'type'],
  ['format', 'format'],
  ['variant', 'variant'],
  ['size', 'CAST(size AS TEXT)'],
  ['filename', 'file_name'],
])
const times = new Set(['created_at', 'expires_at', 'last_used_at', 'uploaded_at'])
const flags = new Map([
  ['public', listedCondition],
  ['cached', condition],
  ['auto_update', condition],
])

/**
 * What tells images whose field `key` is printed as `value`, in small or capital letters; undefined when there is no
 * such field. An architecture goes by any of its names, a fingerprint by any beginning of it (the table prints 12
 * digits), and a flag by `true` and `false` or by `yes` and `no`.
 */
export function fieldIs(key: string, value: string): Condition | undefined {
  const wanted = value.toLowerCase()
  if (key === 'architecture') {
    const architecture = findArchitecture(value)
    return architecture ? listedCondition('architecture = ?', architecture) : never
  }
  if (key === 'fingerprint') {
    return wanted === '' ? never : listedCondition(`substr(fingerprint, 1, ${wanted.length}) = ?`, wanted)
  }
  const flag = flags.get(key)
  if (flag) {
    if (wanted === 'true' || wanted === 'yes') return flag(key)
    return wanted === 'false' || wanted === 'no' ? flag(`NOT ${key}`) : never
  }
  if (times.has(key)) return timeIs(key, wanted)
  const column = texts.get(key)
  return column === undefined ? undefined : condition(`coalesce(${column}, '') = ? COLLATE NOCASE`, value)
}

function timeIs(column: string, wanted: string): Condition {
  if (wanted === '') return condition(`${column} IS NULL`)
  const seconds = Date.parse(wanted.toUpperCase()) / 1000
  if (Number.isNaN(seconds) || isoTime(seconds).toLowerCase() !== wanted) return never
  return condition(`min(max(${column}, ${earliestTime}), ${latestTime}) = ?`, seconds)
}
