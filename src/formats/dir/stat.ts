import type { BigIntStats } from 'node:fs'
import type { EntryType } from '../../image/entry.ts'

const types: ReadonlyMap<number, EntryType> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
  [0o020000, 'char'],
  [0o060000, 'block'],
  [0o010000, 'fifo'],
])

/** The type of a path; undefined for a socket. */
export function entryType(stat: BigIntStats): EntryType | undefined {
  return types.get(Number(stat.mode) & 0o170000)
}

/** The major and minor numbers of a device, as the C library packs them (makedev(3)). */
export function deviceNumbers(rdev: bigint): { readonly devMajor: number; readonly devMinor: number } {
  return {
    devMajor: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xffff_f000n)),
    devMinor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffff_ff00n)),
  }
}
