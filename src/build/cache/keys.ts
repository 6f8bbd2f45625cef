import { sha256OfText } from '../../image/text-digest.ts'

/** Raised when the way something is made changes, so that what was made before is not taken for it. */
const procedure = 2

/** A name for what hangs on these parts and on nothing else: 32 hexadecimal digits. Parts are what JSON can hold. */
export function layerKey(...parts: readonly unknown[]): string {
  return sha256OfText(JSON.stringify([procedure, ...parts], sorted)).slice(0, 32)
}

/** Objects with their keys in order: the order in which a recipe names them means nothing. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
