/** For the tests of this room: packed files by the real programs. */
import { execFileSync } from 'node:child_process'
import type { Compression } from '../image/layer.ts'
import { collect } from '../image/stream.ts'
import { decompress } from './decompress.ts'
import type { Limits } from './types.ts'

export type Packed = Exclude<Compression, 'none'>

/** What packs standard input. */
export const commands: Readonly<Record<Packed, string>> = {
  gzip: 'gzip -nc',
  zstd: 'zstd -q -c',
  xz: 'xz -c',
  bzip2: 'bzip2 -c',
  lzma: 'xz -c --format=lzma',
}
export const kinds = Object.keys(commands) as Packed[]

/** Standard output of a shell command. */
export function piped(command: string, input: Buffer): Buffer {
  return execFileSync('sh', ['-c', command], { input, maxBuffer: 2 ** 28 })
}

/** Bytes as a stream of chunks of `size`. */
export async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** What decompress makes of the bytes. */
export function unpack(
  bytes: Buffer,
  options: { kind?: Packed; chunk?: number; limits?: Limits } = {},
): Promise<Buffer> {
  const { chunk = 65536, ...rest } = options
  return collect(decompress(inChunks(bytes, chunk), { name: 'image.packed', ...rest }))
}

/** Text that compresses, with numbers in it so that no two parts are the same. */
export function sample(length: number): Buffer {
  const lines: string[] = []
  for (let i = 0, size = 0; size < length; i++) {
    const line = `line ${i} of ${i * i} is ${(i * 7919) % 104729}\n`
    lines.push(line)
    size += line.length
  }
  return Buffer.from(lines.join('').slice(0, length))
}

export const text = sample(300_000)
