import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { crc32, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { liveChildren } from '../host/children.ts'
import { collect } from '../image/stream.ts'
import { compress } from './compress.ts'
import { decompress } from './decompress.ts'
import type { CompressOptions } from './types.ts'

const kinds = ['gzip', 'zstd', 'xz'] as const
const blockBytes = 4 * 1024 * 1024 // the largest that any of them uses but xz

async function* inChunks(bytes: Buffer, sizes: readonly number[]) {
  let turn = 0
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[turn++ % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** Half text, half noise, the same for each length. */
function sample(length: number): Buffer {
  const bytes = Buffer.alloc(length, 'The quick brown fox jumps over the lazy dog. ')
  let state = 1
  for (let at = 0; at < length; at++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    if ((at >> 12) % 2) bytes[at] = state >> 16
  }
  return bytes
}

function pack(bytes: Buffer, options: CompressOptions, sizes: readonly number[] = [65536]): Promise<Buffer> {
  return collect(compress(inChunks(bytes, sizes), options))
}

function piped(command: string, input: Buffer): Buffer {
  return execFileSync('sh', ['-c', command], { input, maxBuffer: 2 ** 28 })
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

test.each(kinds)('%s: what goes in comes out, and chunks make no difference', async (kind) => {
  const lengths = fc.oneof(
    fc.nat(100),
    fc.nat(9 * 1024 * 1024),
    fc.constantFrom(...[1, 2, 4].flatMap((n) => [n * 2 ** 20 - 1, n * 2 ** 20, n * 2 ** 20 + 1])),
  )
  const sizes = fc.array(fc.integer({ min: 1000, max: 5_000_000 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(lengths, sizes, sizes, async (length, chunks, otherChunks) => {
      const bytes = sample(length)
      const packed = await pack(bytes, { kind, level: 1 }, chunks)
      expect(packed.equals(await pack(bytes, { kind, level: 1 }, otherChunks))).toBe(true)
      const unpacked = await collect(decompress(inChunks(packed, otherChunks), { name: 'packed' }))
      expect(unpacked.equals(bytes)).toBe(true)
    }),
    { numRuns: kind === 'xz' ? 5 : 15 },
  )
})

test.each([
  ['gzip', 'gzip -dc', [1, 6, 9]],
  ['gzip', 'pigz -dc', [1, 6, 9]],
  ['zstd', 'zstd -dc', [1, 3, 9, 16, 22]],
  ['xz', 'xz -dc', [0, 1]],
] as const)('%s is accepted by the real %s', async (kind, command, levels) => {
  const program = command.split(' ')[0]!
  if (!has(program)) throw new Error(`this test needs ${program}`)
  for (const level of levels) {
    const length = level >= 9 ? 4_500_000 : blockBytes * 2 + 7
    const bytes = sample(length)
    const packed = await pack(bytes, { kind, level })
    expect(piped(command, packed).equals(bytes)).toBe(true)
    expect(packed.length).toBeLessThan(bytes.length * 0.6)
  }
})

test.each(kinds)('%s: an empty input is a valid empty file', async (kind) => {
  const packed = await pack(Buffer.alloc(0), { kind })
  expect(packed.length).toBeGreaterThan(0)
  expect(piped(`${kind} -dc`, packed).length).toBe(0)
  expect((await collect(decompress(inChunks(packed, [1]), { name: 'empty', kind }))).length).toBe(0)
})

test('none passes through', async () => {
  const bytes = sample(100_000)
  expect((await pack(bytes, { kind: 'none' })).equals(bytes)).toBe(true)
})

test('gzip: one member without name or time, smaller than with independent blocks', async () => {
  const bytes = Buffer.alloc(3_500_000, sample(20_000))
  const packed = await pack(bytes, { kind: 'gzip' })
  expect(packed.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff')
  expect(packed.readUInt32LE(packed.length - 8)).toBe(crc32(bytes))
  expect(packed.readUInt32LE(packed.length - 4)).toBe(bytes.length)
  expect(packed.indexOf(Buffer.from('1f8b0800', 'hex'), 1)).toBe(-1)
  expect(gunzipSync(packed).equals(bytes)).toBe(true)
  // The sample repeats every 20 000 bytes; a block that could not look back would hold its noise again.
  expect(packed.length).toBeLessThan(30_000)
})

test('zstd: frames have content size and checksum', async () => {
  const packed = await pack(sample(5 * 1024 * 1024), { kind: 'zstd' })
  const descriptor = packed[4]!
  expect(descriptor & 0x04).toBe(4)
  expect(descriptor >> 6).toBeGreaterThan(0)
  const magic = Buffer.from('28b52ffd', 'hex')
  let frames = 0
  for (let at = packed.indexOf(magic); at >= 0; at = packed.indexOf(magic, at + 1)) frames++
  expect(frames).toBe(3)
})

test('the same bytes with one processor and one thread as with many', async () => {
  const script = `
    import { compress } from '${import.meta.dirname}/compress.ts'
    async function* source() { for (let i = 0; i < 90; i++) yield Buffer.alloc(100_003, 'block ' + i + process.env.NOTHING) }
    for (const kind of ['gzip', 'zstd', 'xz']) for await (const c of compress(source(), { kind, level: 1 })) process.stdout.write(c)
  `
  const digest = (wrapper: readonly string[], env: Record<string, string>) => {
    const [command, ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', script]
    const output = execFileSync(command!, args, { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 })
    return createHash('sha256').update(output).digest('hex')
  }
  const usual = digest([], {})
  expect(digest([], { UV_THREADPOOL_SIZE: '1' })).toBe(usual)
  expect(digest([], { UV_THREADPOOL_SIZE: '8' })).toBe(usual)
  expect(digest(['taskset', '-c', '0'], {})).toBe(usual)
})

test('levels out of range are refused at once', () => {
  for (const [kind, level] of [
    ['gzip', 0],
    ['gzip', 10],
    ['zstd', 23],
    ['xz', -1],
    ['zstd', 1.5],
  ] as const) {
    expect(() => compress(inChunks(Buffer.alloc(1), [1]), { kind, level })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
  }
})

test.each(kinds)('%s: errors of the source pass, leaving early closes it', async (kind) => {
  const broken = new Error('broken source')
  let closed = 0
  async function* source(end: 'fails' | 'goes on') {
    try {
      for (let i = 0; ; i++) {
        if (i === 80 && end === 'fails') throw broken
        yield sample(100_000)
        await new Promise(setImmediate)
      }
    } finally {
      closed++
    }
  }
  await expect(collect(compress(source('fails'), { kind, level: 1 }))).rejects.toBe(broken)
  for await (const _ of compress(source('goes on'), { kind, level: 1 })) break
  expect(closed).toBe(2)
  expect(liveChildren().length).toBe(0)
})
