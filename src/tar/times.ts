export const nanosecondsPerSecond = 1_000_000_000n

/** Times are kept within what a kernel's 64-bit seconds can say. */
const mostSeconds = 2n ** 63n - 1n

/** Whether the time's whole seconds fit in 64 bits. */
export function isRepresentableTime(time: bigint): boolean {
  const seconds = time / nanosecondsPerSecond
  return seconds <= mostSeconds && seconds >= -mostSeconds - 1n
}

/**
 * A PAX time (`1700000000.25`, `-1.5`) in nanoseconds; undefined when it is not one. Digits beyond the ninth are cut
 * off, as Go does.
 */
export function parsePaxTime(text: string): bigint | undefined {
  const match = /^(-?)([0-9]{1,20})(?:\.([0-9]*))?$/.exec(text)
  if (!match) return undefined
  const fraction = (match[3] ?? '').slice(0, 9).padEnd(9, '0')
  const magnitude = BigInt(match[2]!) * nanosecondsPerSecond + BigInt(fraction)
  return match[1] === '-' ? -magnitude : magnitude
}

/** The shortest PAX form of a time. */
export function formatPaxTime(time: bigint): string {
  const magnitude = time < 0n ? -time : time
  const seconds = magnitude / nanosecondsPerSecond
  const fraction = (magnitude % nanosecondsPerSecond).toString().padStart(9, '0').replace(/0+$/, '')
  return `${time < 0n ? '-' : ''}${seconds}${fraction === '' ? '' : `.${fraction}`}`
}
