import type { Compression } from '../image/layer.ts'
import type { ByteStream } from '../image/stream.ts'
import { detectCompression, detectionBytes } from './detect.ts'
import { unpackExternally } from './external.ts'
import { gunzip } from './gunzip.ts'
import { type Counter, counted, limited } from './limits.ts'
import type { DecompressOptions } from './types.ts'
import { unzstd } from './unzstd.ts'

type Decompressor = (source: ByteStream, options: DecompressOptions) => ByteStream

const decompressors: Readonly<Record<Compression, Decompressor>> = {
  none: (source) => source,
  gzip: gunzip,
  zstd: unzstd,
  xz: (source, { name }) => unpackExternally('xz', source, name),
  lzma: (source, { name }) => unpackExternally('lzma', source, name),
  bzip2: (source, { name }) => unpackExternally('bzip2', source, name),
}

/**
 * Unpacks a stream, in chunks of at most 8 MiB; reads all of it, also what follows the packed data. Errors name
 * `options.name`: 'bad-input' when the data breaks its format or is cut off, 'corrupt' when a checksum inside differs,
 * 'limit' (the limits count for uncompressed data too), 'missing-tool' when xz or bzip2 is needed and not installed.
 * Errors of the source pass as they are. Leaving the loop early closes the source and ends every helper program.
 */
export async function* decompress(source: ByteStream, options: DecompressOptions): ByteStream {
  const { name, limits = {} } = options
  const input: Counter = { bytes: 0 }
  const chunks = counted(source, input)[Symbol.asyncIterator]()
  try {
    const head = await readHead(chunks)
    const kind = options.kind ?? detectCompression(head)
    yield* limited(decompressors[kind](resumed(head, chunks), options), input, limits, name)
  } finally {
    await chunks.return?.()
  }
}

/** Enough of a stream to tell its compression, or all of it. */
async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < detectionBytes) {
    const chunk = await chunks.next()
    if (chunk.done) break
    head = head.length === 0 ? chunk.value : Buffer.concat([head, chunk.value])
  }
  return head
}

async function* resumed(head: Buffer, chunks: AsyncIterator<Buffer>): ByteStream {
  if (head.length > 0) yield head
  for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) yield chunk.value
}
