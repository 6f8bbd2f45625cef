import { IngotError } from '../image/error.ts'
import type { CompressOptions } from './types.ts'

type Kind = CompressOptions['kind']

const names: ReadonlyMap<string, Kind> = new Map([
  ['none', 'none'],
  ['gzip', 'gzip'],
  ['gz', 'gzip'],
  ['zstd', 'zstd'],
  ['zst', 'zstd'],
  ['xz', 'xz'],
])

interface Levels {
  readonly lowest: number
  readonly highest: number
  readonly usual: number
}

/** The levels that each kind has; 'none' has none. */
export const levels: Readonly<Record<Exclude<Kind, 'none'>, Levels>> = {
  gzip: { lowest: 1, highest: 9, usual: 6 },
  zstd: { lowest: 1, highest: 22, usual: 3 },
  xz: { lowest: 0, highest: 9, usual: 6 },
}

/** Parses `none`, `gzip`, `zstd:19`, `xz:9` (also `gz`, `zst`). Throws 'usage' saying what is allowed. */
export function parseCompression(text: string): CompressOptions {
  const [name = '', levelText, ...more] = text.split(':')
  const kind = names.get(name)
  if (kind === undefined || more.length > 0) {
    throw new IngotError('usage', `${JSON.stringify(text)} is not a compression`, {
      hint: 'Write none, gzip, zstd or xz, with a level if you like: zstd:19.',
    })
  }
  if (levelText === undefined) return { kind }
  if (kind === 'none') throw new IngotError('usage', `${JSON.stringify(text)}: none has no levels`)
  const level = /^\d{1,2}$/.test(levelText) ? Number(levelText) : Number.NaN
  checkLevel(kind, level, JSON.stringify(text))
  return { kind, level }
}

/** Throws 'usage' when a kind does not have a level; `subject` is named in the message. */
export function checkLevel(kind: Exclude<Kind, 'none'>, level: number, subject: string): void {
  const { lowest, highest, usual } = levels[kind]
  if (Number.isInteger(level) && level >= lowest && level <= highest) return
  throw new IngotError('usage', `${subject}: levels of ${kind} are ${lowest} to ${highest}`, {
    hint: `Leave it out for the default, ${usual}.`,
  })
}
