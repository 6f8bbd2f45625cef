import { IngotError } from '../../image/error.ts'
import { text } from './fields.ts'
import type { InstalledPackage } from './types.ts'

/** Tags of rpm's tags.md and their numbers. */
const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  size: 1009,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  url: 1020,
  arch: 1022,
  sourceRpm: 1044,
  longSize: 5009,
} as const

const [int32, int64, string, stringArray, i18nString] = [4, 5, 6, 8, 9]
const entrySize = 16
/** rpm's own limit. */
const mostEntries = 65_535

interface IndexEntry {
  readonly type: number
  /** Into the data. */
  readonly offset: number
}

/**
 * The package that a header of an rpm database is of (rpm's format.md, "Header Structure", without its first 8 bytes); undefined for keys,
 * which rpm keeps as packages. Throws 'bad-input' for what is no header.
 */
export function packageOfHeader(header: Buffer): InstalledPackage | undefined {
  const { index, data } = takeApart(header)
  const textOf = (tag: number): string | undefined => {
    const entry = index.get(tag)
    if (entry === undefined || ![string, stringArray, i18nString].includes(entry.type)) return undefined
    const end = data.indexOf(0, entry.offset)
    if (end < 0) throw broken('a text without an end')
    return data.toString('utf8', entry.offset, end)
  }
  const numberOf = (tag: number): number | undefined => {
    const entry = index.get(tag)
    if (entry?.type === int32 && entry.offset + 4 <= data.length) return data.readUInt32BE(entry.offset)
    if (entry?.type === int64 && entry.offset + 8 <= data.length) return Number(data.readBigUInt64BE(entry.offset))
    return undefined
  }
  const [name, version, release] = [textOf(tags.name), textOf(tags.version), textOf(tags.release)]
  if (!name || !version || !release) throw broken('a package without a name or version')
  if (name === 'gpg-pubkey') return undefined
  const epoch = numberOf(tags.epoch)
  const installedSize = numberOf(tags.longSize) ?? numberOf(tags.size)
  const source = textOf(tags.sourceRpm)?.replace(/-[^-]+-[^-]+\.(no)?src\.rpm$/, '')
  return {
    manager: 'rpm',
    name,
    version: `${epoch === undefined ? '' : `${epoch}:`}${version}-${release}`,
    architecture: textOf(tags.arch) ?? '',
    ...text('source', source === name ? undefined : source),
    ...text('maintainer', textOf(tags.packager) || textOf(tags.vendor)),
    ...text('homepage', textOf(tags.url)),
    ...text('summary', textOf(tags.summary)),
    ...text('license', textOf(tags.license)),
    ...(installedSize !== undefined && { installedSize }),
  }
}

function takeApart(header: Buffer): { readonly index: ReadonlyMap<number, IndexEntry>; readonly data: Buffer } {
  if (header.length < 8) throw broken('it is cut short')
  const [entries, bytes] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const start = 8 + entries * entrySize
  if (entries > mostEntries || start + bytes > header.length) throw broken('it is cut short, or too long')
  const data = header.subarray(start, start + bytes)
  const index = new Map<number, IndexEntry>()
  for (let at = 8; at < start; at += entrySize) {
    const [tag, type, offset] = [header.readUInt32BE(at), header.readUInt32BE(at + 4), header.readUInt32BE(at + 8)]
    // Offsets of the regions that a header begins with may be negative: what is wanted never lies there.
    if (offset < data.length && !index.has(tag)) index.set(tag, { type, offset })
  }
  return { index, data }
}

function broken(why: string): IngotError {
  return new IngotError('bad-input', `a header of the rpm database breaks its format: ${why}`)
}
