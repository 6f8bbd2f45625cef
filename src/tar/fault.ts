import { type ByteString, displayBytes } from '../image/bytes.ts'
import { type ErrorCode, IngotError } from '../image/error.ts'

const longestShown = 200

/** An archive's error: what is wrong, where in the archive, and at which entry. */
export function tarError(
  code: ErrorCode,
  name: string,
  problem: string,
  offset: number,
  entry?: ByteString,
  hint?: string,
): IngotError {
  const at = entry === undefined ? '' : ` (entry "${shown(entry)}")`
  return new IngotError(code, `${name}: ${problem} at byte ${offset}${at}`, hint === undefined ? {} : { hint })
}

/** Bytes of an archive for a message, cut off where they are long. */
export function shown(bytes: ByteString): string {
  return bytes.length > longestShown ? `${displayBytes(bytes.slice(0, longestShown))}…` : displayBytes(bytes)
}
