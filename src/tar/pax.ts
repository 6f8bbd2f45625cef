import { type ByteString, bufferFromBytes } from '../image/bytes.ts'

/** PAX records of one extended header: keyword to value, both as bytes. An empty value means "delete". */
export type PaxRecords = Map<ByteString, ByteString>

/** What is wrong with an extended header, and where in it (bytes). */
export interface PaxFault {
  readonly fault: string
  readonly at: number
}

/**
 * Parses an extended header's records (POSIX.1-2001 pax, "pax Extended Header"): `<length> <keyword>=<value>\n`, the
 * length counting itself. GNU sparse 0.0 repeats two keywords once for each run; they are gathered into the value that
 * 0.1 has, `GNU.sparse.map`.
 */
export function parsePax(data: Buffer): PaxRecords | PaxFault {
  const records: PaxRecords = new Map()
  const runs: ByteString[] = []
  let at = 0
  while (at < data.length) {
    const space = data.indexOf(0x20, at)
    const digits = space < 0 || space - at > 15 ? '' : data.toString('latin1', at, space)
    if (!/^[1-9][0-9]*$/.test(digits)) return { fault: 'a record does not begin with its length', at }
    const end = at + Number(digits)
    if (end > data.length || end <= space + 1) {
      return { fault: `a record's length ${digits} does not fit where ${data.length - at} bytes are left`, at }
    }
    if (data[end - 1] !== 0x0a) return { fault: `a record of length ${digits} does not end with a newline`, at }
    const equals = data.indexOf(0x3d, space + 1)
    if (equals < 0 || equals >= end - 1) return { fault: 'a record has no `=`', at }
    if (equals === space + 1) return { fault: 'a record has no keyword', at }
    const keyword = data.toString('latin1', space + 1, equals)
    const value = data.toString('latin1', equals + 1, end - 1)
    if (keyword === 'GNU.sparse.offset' || keyword === 'GNU.sparse.numbytes') {
      if ((keyword === 'GNU.sparse.offset') !== (runs.length % 2 === 0)) {
        return { fault: 'GNU.sparse.offset and GNU.sparse.numbytes do not take turns', at }
      }
      runs.push(value)
    } else {
      records.set(keyword, value)
    }
    at = end
  }
  if (runs.length > 0) {
    if (runs.length % 2 !== 0) return { fault: 'GNU.sparse.offset without GNU.sparse.numbytes', at }
    if (records.has('GNU.sparse.map')) return { fault: 'two sparse maps', at }
    records.set('GNU.sparse.map', runs.join(','))
  }
  return records
}

/** What holds for an entry: the global records, overridden or deleted by its own. */
export function mergePax(global: PaxRecords, local: PaxRecords): PaxRecords {
  if (global.size === 0) return local
  const merged: PaxRecords = new Map(global)
  for (const [keyword, value] of local) {
    if (value === '' && global.has(keyword)) merged.delete(keyword)
    else merged.set(keyword, value)
  }
  return merged
}

/** The bytes of an extended header with these records, in the order of the keywords' bytes. */
export function encodePax(records: PaxRecords): Buffer {
  const keywords = [...records.keys()].sort()
  return bufferFromBytes(keywords.map((keyword) => encodeRecord(keyword, records.get(keyword)!)).join(''))
}

function encodeRecord(keyword: ByteString, value: ByteString): ByteString {
  const rest = keyword.length + value.length + 3
  let length = rest + String(rest).length
  // Counting the length's own digits may add one: 99 becomes 101, not 100.
  if (String(length).length > String(rest).length) length = rest + String(length).length
  return `${length} ${keyword}=${value}\n`
}
