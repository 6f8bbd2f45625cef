import { IngotError } from '../image/error.ts'

/** What zstd(1) takes without being asked to use more memory. */
const maxWindow = 2 ** 27

export interface ZstdHeader {
  readonly contentSize: number | undefined
  readonly hasChecksum: boolean
}

/** How many bytes of frame header follow the descriptor byte (RFC 8878 §3.1.1.1). */
export function zstdHeaderLength(descriptor: number): number {
  const { windowBytes, dictionaryBytes, contentBytes } = fieldsOf(descriptor)
  return windowBytes + dictionaryBytes + contentBytes
}

/** Parses them. Throws 'bad-input', 'unsupported' for frames that need a dictionary, and 'limit' for windows above 128 MiB. */
export function parseZstdHeader(descriptor: number, rest: Buffer, subject: string): ZstdHeader {
  const { windowBytes, dictionaryBytes, contentBytes } = fieldsOf(descriptor)
  if (descriptor & 0x08) throw new IngotError('bad-input', `${subject} has a broken header`)
  if (rest.subarray(windowBytes, windowBytes + dictionaryBytes).some((byte) => byte !== 0)) {
    throw new IngotError('unsupported', `${subject} needs a dictionary`, {
      hint: 'Unpack it with `zstd -d -D DICTIONARY` first.',
    })
  }
  const contentSize = readContentSize(rest.subarray(windowBytes + dictionaryBytes), contentBytes)
  const window = windowBytes === 0 ? contentSize! : windowSize(rest[0]!)
  if (window > maxWindow) {
    throw new IngotError('limit', `${subject} needs a window of ${window} bytes; ${maxWindow} are allowed`, {
      hint: 'Unpack it with `zstd -d --long=31` first.',
    })
  }
  return { contentSize, hasChecksum: (descriptor & 0x04) !== 0 }
}

function fieldsOf(descriptor: number) {
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  return {
    windowBytes: isSingleSegment ? 0 : 1,
    dictionaryBytes: [0, 1, 2, 4][descriptor & 3]!,
    contentBytes: sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 2 ** sizeFlag,
  }
}

function readContentSize(bytes: Buffer, length: number): number | undefined {
  if (length === 0) return undefined
  if (length === 8) return Number(bytes.readBigUInt64LE(0))
  return bytes.readUIntLE(0, length) + (length === 2 ? 256 : 0)
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3))
  return base + (base / 8) * (byte & 7)
}
