import { IngotError } from '../image/error.ts'

/**
 * The newest time that anything in the image may carry, in seconds since the epoch, when the caller says it: the option,
 * else `$SOURCE_DATE_EPOCH` (reproducible-builds.org). Undefined: the base decides. Throws 'usage'.
 */
export function chosenEpoch(option: number | undefined): number | undefined {
  if (option !== undefined) return option
  const text = process.env.SOURCE_DATE_EPOCH
  if (text === undefined || text === '') return undefined
  const epoch = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(epoch)) return epoch
  throw new IngotError('usage', `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, which is no number of seconds`)
}

/** `20261119_02:12`, the serial number of an image of that time (UTC), as LXD's image servers write them. */
export function serialOf(epoch: number): string {
  const text = new Date(epoch * 1000).toISOString()
  return `${text.slice(0, 10).replaceAll('-', '')}_${text.slice(11, 16)}`
}
