import type { Compression } from '../image/layer.ts'

/** How many bytes `detectCompression` looks at. */
export const detectionBytes = 13

const extensions: Readonly<Record<Compression, '' | '.gz' | '.zst' | '.xz' | '.bz2' | '.lzma'>> = {
  none: '',
  gzip: '.gz',
  zstd: '.zst',
  xz: '.xz',
  bzip2: '.bz2',
  lzma: '.lzma',
}

/** The usual file name extension, with its dot. */
export function extensionOf(kind: Compression): (typeof extensions)[Compression] {
  return extensions[kind]
}

/** The compression of bytes that begin with `head` (the first 13 bytes, or all there are); 'none' for everything unknown. */
export function detectCompression(head: Buffer): Compression {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip'
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd'
  if (head.length >= 4 && (head.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd' // skippable frame
  if (startsWith(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return 'xz'
  if (startsWith(head, [0x42, 0x5a, 0x68]) && head[3]! >= 0x31 && head[3]! <= 0x39) return 'bzip2'
  return isLzmaAlone(head) ? 'lzma' : 'none'
}

function startsWith(head: Buffer, magic: readonly number[]): boolean {
  return head.length >= magic.length && magic.every((byte, index) => head[index] === byte)
}

/** .lzma files have no magic number: the usual properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes and a sane size, as xz(1) tells them. */
function isLzmaAlone(head: Buffer): boolean {
  if (head.length < 13 || head[0] !== 0x5d) return false
  const dictionary = head.readUInt32LE(1)
  const power = 2 ** Math.floor(Math.log2(dictionary))
  const plausible =
    dictionary >= 4096 && (dictionary === power || dictionary === power * 1.5 || dictionary === 0xffffffff)
  const size = head.readBigUInt64LE(5)
  return plausible && (size === 0xffffffffffffffffn || size < 2n ** 38n)
}
