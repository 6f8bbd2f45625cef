import { nanosecondsPerSecond } from './times.ts'

/**
 * The number in a header field: octal text, or GNU's base-256 (high bit of the first byte set, two's complement).
 * An empty field is 0. NaN when it is neither, or outside ±2^53.
 */
export function readNumber(block: Uint8Array, at: number, length: number): number {
  const first = block[at]!
  if (first & 0x80) return readBase256(block, at, length)
  let position = at
  const end = at + length
  while (position < end && (block[position] === 0x20 || block[position] === 0)) position++
  let value = 0
  for (; position < end; position++) {
    const byte = block[position]!
    if (byte === 0x20 || byte === 0) break
    if (byte < 0x30 || byte > 0x37) return Number.NaN
    value = value * 8 + (byte - 0x30)
  }
  return Number.isSafeInteger(value) ? value : Number.NaN
}

function readBase256(block: Uint8Array, at: number, length: number): number {
  const value = readBigBase256(block, at, length)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : Number.NaN
}

function readBigBase256(block: Uint8Array, at: number, length: number): bigint {
  const negative = (block[at]! & 0x40) !== 0
  let value = BigInt(block[at]! & 0x3f)
  for (let i = 1; i < length; i++) value = (value << 8n) | BigInt(block[at + i]!)
  return negative ? value - (1n << BigInt(8 * length - 2)) : value
}

/** The time in a header field, in nanoseconds; undefined when it is not a number. Any base-256 value is taken. */
export function readTime(block: Uint8Array, at: number, length: number): bigint | undefined {
  if (block[at]! & 0x80) return readBigBase256(block, at, length) * nanosecondsPerSecond
  const seconds = readNumber(block, at, length)
  return Number.isNaN(seconds) ? undefined : BigInt(seconds) * nanosecondsPerSecond
}

/** Writes `value` as octal digits with leading zeros over `length - 1` bytes and a NUL. It must fit. */
export function writeOctal(block: Uint8Array, at: number, length: number, value: number): void {
  let rest = value
  for (let i = at + length - 2; i >= at; i--) {
    const high = Math.floor(rest / 8)
    block[i] = 0x30 + (rest - high * 8)
    rest = high
  }
  block[at + length - 1] = 0
}

/** A plain decimal number without sign, as PAX writes it. NaN when it is not one or is above 2^53. */
export function parseDecimal(text: string): number {
  if (!/^[0-9]{1,20}$/.test(text)) return Number.NaN
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : Number.NaN
}
