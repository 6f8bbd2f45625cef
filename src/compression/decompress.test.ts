import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { liveChildren } from '../host/children.ts'
import { openFile } from '../host/file.ts'
import { IngotError } from '../image/error.ts'
import type { Compression } from '../image/layer.ts'
import { collect } from '../image/stream.ts'
import { decompress } from './decompress.ts'
import type { Limits } from './types.ts'

type Packed = Exclude<Compression, 'none'>

const commands: Readonly<Record<Packed, string>> = {
  gzip: 'gzip -nc',
  zstd: 'zstd -q -c',
  xz: 'xz -c',
  bzip2: 'bzip2 -c',
  lzma: 'xz -c --format=lzma',
}
const kinds = Object.keys(commands) as Packed[]

function piped(command: string, input: Buffer): Buffer {
  return execFileSync('sh', ['-c', command], { input, maxBuffer: 2 ** 28 })
}

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function unpack(bytes: Buffer, options: { kind?: Packed; chunk?: number; limits?: Limits } = {}): Promise<Buffer> {
  const { chunk = 65536, ...rest } = options
  return collect(decompress(inChunks(bytes, chunk), { name: 'image.packed', ...rest }))
}

/** Text that compresses, with numbers in it so that no two parts are the same. */
function sample(length: number): Buffer {
  const lines: string[] = []
  for (let i = 0, size = 0; size < length; i++) {
    const line = `line ${i} of ${i * i} is ${(i * 7919) % 104729}\n`
    lines.push(line)
    size += line.length
  }
  return Buffer.from(lines.join('').slice(0, length))
}

const text = sample(300_000)

test.each(kinds)('%s: reads what the real program wrote, in chunks of any size', async (kind) => {
  const packed = piped(commands[kind], text)
  for (const chunk of [1, 2, 3, 7, 1000, 1 << 20]) {
    const bytes = chunk < 4 ? piped(commands[kind], text.subarray(0, 5000)) : packed
    const expected = chunk < 4 ? text.subarray(0, 5000) : text
    expect((await unpack(bytes, { chunk })).equals(expected)).toBe(true)
  }
  expect((await unpack(piped(commands[kind], Buffer.alloc(0)))).length).toBe(0)
})

test.each(kinds)('%s: concatenated files', async (kind) => {
  if (kind === 'lzma') return // the format has no such thing
  const parts = [text.subarray(0, 1000), Buffer.alloc(0), text.subarray(1000, 200_000), text.subarray(200_000)]
  const packed = Buffer.concat(parts.map((part) => piped(commands[kind], part)))
  for (const chunk of [1, 100, 1 << 20]) expect((await unpack(packed, { chunk })).equals(text)).toBe(true)
})

test.each(['gzip', 'zstd', 'xz'] as const)('%s: NUL padding at the end is no data', async (kind) => {
  const packed = piped(commands[kind], text)
  for (const length of [4, 512, 100_000]) {
    const padded = Buffer.concat([packed, Buffer.alloc(length)])
    for (const chunk of [999, packed.length, 1 << 20]) expect((await unpack(padded, { chunk })).equals(text)).toBe(true)
  }
})

test.each(['gzip', 'zstd', 'xz'] as const)('%s: anything else at the end is an error', async (kind) => {
  const packed = piped(commands[kind], text)
  const tails = [
    Buffer.from('garbage'),
    Buffer.concat([Buffer.alloc(1000), Buffer.from('x')]),
    Buffer.from([1]),
    packed.subarray(0, 5),
  ]
  for (const tail of tails) {
    const bytes = Buffer.concat([packed, tail])
    for (const chunk of [500, packed.length, 1 << 20]) {
      await expect(
        unpack(bytes, { chunk }),
        `tail ${tail.subarray(0, 8).toString('hex')} in ${chunk}`,
      ).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('image.packed'),
      })
    }
  }
})

test('gzip: a member behind padding is not silently dropped', async () => {
  const packed = piped(commands.gzip, text)
  await expect(unpack(Buffer.concat([packed, Buffer.alloc(512), packed]))).rejects.toMatchObject({
    code: 'bad-input',
    message: `image.packed: something that is not gzip data follows the gzip data, at byte ${packed.length + 512}`,
  })
})

test.each(kinds)('%s: cut off anywhere is an error', async (kind) => {
  const input = kind === 'xz' || kind === 'lzma' || kind === 'bzip2' ? text.subarray(0, 3000) : text.subarray(0, 20_000)
  const packed = piped(commands[kind], input)
  const points = new Set([
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    9,
    10,
    11,
    17,
    18,
    packed.length - 1,
    packed.length - 4,
    packed.length - 8,
  ])
  const isProgram = kind !== 'gzip' && kind !== 'zstd'
  for (let at = 20; at < packed.length; at += isProgram ? 97 : 3) points.add(at)
  for (const at of points) {
    await expect(unpack(packed.subarray(0, at), { kind }), `cut at ${at} of ${packed.length}`).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('image.packed'),
    })
  }
})

test('messages of cut off files name the offset', async () => {
  await expect(unpack(piped(commands.gzip, text).subarray(0, 5000))).rejects.toThrow(
    'the gzip data is cut off after 5000 bytes',
  )
  await expect(unpack(piped(commands.zstd, text).subarray(0, 5000))).rejects.toThrow(
    'the zstd data is cut off after 5000 bytes',
  )
  await expect(unpack(piped(commands.xz, text).subarray(0, 5000))).rejects.toThrow(
    /bad xz data in its first 5000 bytes/,
  )
})

test.each(['gzip', 'zstd', 'bzip2', 'xz'] as const)('%s: flipped bits never give wrong data', async (kind) => {
  const input = text.subarray(0, 20_000)
  const packed = piped(commands[kind], input)
  const codes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.nat(packed.length - 1), fc.nat(7), async (at, bit) => {
      const flipped = Buffer.from(packed)
      flipped[at]! ^= 1 << bit
      try {
        expect((await unpack(flipped, { kind })).equals(input)).toBe(true)
      } catch (error) {
        if (!(error instanceof IngotError)) throw error
        codes.add(error.code)
      }
    }),
    {
      numRuns: kind === 'gzip' || kind === 'zstd' ? 400 : 60,
      examples: [
        [packed.length - 6, 3],
        [packed.length - 1, 0],
      ],
    },
  )
  expect([...codes].filter((code) => !['bad-input', 'corrupt', 'limit', 'unsupported'].includes(code))).toEqual([])
  expect(codes.has('bad-input') || codes.has('corrupt')).toBe(true)
})

test('a wrong checksum is corrupt', async () => {
  const gzip = piped(commands.gzip, text)
  gzip[gzip.length - 6]! ^= 1
  await expect(unpack(gzip)).rejects.toMatchObject({ code: 'corrupt' })
  for (const input of [text, sample(9_000_000)]) {
    const zstd = piped(commands.zstd, input)
    zstd[zstd.length - 1]! ^= 1
    await expect(unpack(zstd)).rejects.toMatchObject({ code: 'corrupt' })
  }
})

test.each([
  ['one large frame', 'zstd -q -c'],
  ['one large frame of unknown size', 'cat | zstd -q -c --no-content-size'],
  ['no checksum', 'zstd -q -c --no-check'],
  ['pzstd: many frames with skippable ones', 'pzstd -q -c -p 4'],
  ['a wide window', 'zstd -q -c --long=27 -1'],
  ['level 22', 'head -c 9000000 | zstd -q -c --ultra -22'],
])('zstd: %s', async (_, command) => {
  const program = /pzstd/.test(command) ? 'pzstd' : 'zstd'
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) throw new Error(`this test needs ${program}`)
  const input = sample(20_000_000)
  const packed = piped(command, input)
  const expected = command.startsWith('head') ? input.subarray(0, 9_000_000) : input
  for (const chunk of [1 << 20, 4099]) expect((await unpack(packed, { chunk })).equals(expected)).toBe(true)
  await expect(unpack(packed.subarray(0, packed.length - 1))).rejects.toMatchObject({ code: 'bad-input' })
})

test('zstd: frames of all sizes and skippable frames in any order', async () => {
  const contents = [
    text.subarray(0, 10),
    sample(9_000_000),
    Buffer.alloc(0),
    text,
    Buffer.alloc(10_000_000),
    text.subarray(0, 1),
  ]
  const frames = contents.map((content) => ({ content, bytes: piped(commands.zstd, content) }))
  const skippable = fc.uint8Array({ maxLength: 70_000 }).map((content) => {
    const head = Buffer.alloc(8)
    head.writeUInt32LE(0x184d2a53, 0)
    head.writeUInt32LE(content.length, 4)
    return { content: Buffer.alloc(0), bytes: Buffer.concat([head, content]) }
  })
  const units = fc.array(fc.oneof(fc.constantFrom(...frames), skippable), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(units, fc.integer({ min: 300, max: 300_000 }), async (list, chunk) => {
      const packed = Buffer.concat(list.map(({ bytes }) => bytes))
      const expected = Buffer.concat(list.map(({ content }) => content))
      expect((await unpack(packed, { chunk })).equals(expected)).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('zstd: thousands of small frames', async () => {
  const frame = piped(commands.zstd, text.subarray(0, 500))
  const unpacked = await unpack(Buffer.alloc(frame.length * 5000, frame))
  expect(unpacked.equals(Buffer.alloc(500 * 5000, text.subarray(0, 500)))).toBe(true)
})

test('zstd: windows above 128 MiB and dictionaries are refused with a way out', async () => {
  const wide = piped('zstd -q -c --ultra --long=28 --no-content-size', text)
  await expect(unpack(wide)).rejects.toMatchObject({ code: 'limit', hint: expect.stringContaining('--long=31') })
  const withDictionary = Buffer.concat([
    Buffer.from('28b52ffd01', 'hex'),
    Buffer.from([0x00, 0x77]),
    Buffer.alloc(20, 1),
  ])
  await expect(unpack(withDictionary)).rejects.toMatchObject({ code: 'unsupported' })
})

test('a few bytes that unpack to a lot', async () => {
  const zeros = Buffer.alloc(2 * 1024 * 1024)
  const bomb = Buffer.alloc(600 * 80, 0)
  const frame = piped(commands.zstd, zeros)
  const frames = Buffer.concat(Array.from({ length: 600 }, () => frame))
  expect(frames.length).toBeLessThan(bomb.length * 4)
  const watch = async (limits?: Limits) => {
    let seen = 0
    const stream = decompress(inChunks(frames, 10_000), { name: 'bomb', ...(limits && { limits }) })
    for await (const chunk of stream) seen += chunk.length
    return seen
  }
  await expect(watch()).rejects.toMatchObject({ code: 'limit', hint: expect.stringContaining('--max-ratio') })
  expect(await watch({ maxRatio: 0 })).toBe(600 * zeros.length)
})

test.each([...kinds, 'none'] as const)('%s: the limit on what comes out', async (kind) => {
  const input = Buffer.alloc(3_000_000)
  const packed = kind === 'none' ? input : piped(commands[kind], input)
  expect((await unpack(packed, { limits: { maxBytes: 3_000_000 } })).length).toBe(3_000_000)
  await expect(unpack(packed, { limits: { maxBytes: 2_999_999 } })).rejects.toMatchObject({
    code: 'limit',
    message: 'image.packed: unpacks to more than 2999999 bytes',
  })
})

test('what is not compressed passes, also when it is very short', async () => {
  for (const length of [0, 1, 5, 13, 14, 100_000]) {
    for (const chunk of [1, 4096])
      expect((await unpack(text.subarray(0, length), { chunk })).equals(text.subarray(0, length))).toBe(true)
  }
})

test('data of another kind than promised', async () => {
  for (const kind of kinds) await expect(unpack(text, { kind })).rejects.toMatchObject({ code: 'bad-input' })
})

test.each([...kinds, 'none'] as const)('%s: leaving early leaves no process and no open file', async (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'decompress-test-'))
  try {
    const path = join(folder, 'packed')
    const input = sample(12_000_000)
    writeFileSync(path, kind === 'none' ? input : piped(commands[kind], input))
    const file = await openFile(path)
    for await (const chunk of decompress(file.open(), { name: path })) {
      expect(chunk.equals(input.subarray(0, chunk.length))).toBe(true)
      break
    }
    expect(liveChildren().length).toBe(0)
    const open = readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path
      } catch {
        return false // the descriptor of the listing itself
      }
    })
    expect(open).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each([...kinds, 'none'] as const)('%s: errors of the source pass as they are', async (kind) => {
  const broken = new Error('broken source')
  const packed = kind === 'none' ? text : piped(commands[kind], text)
  for (const at of [0, 1, 100, packed.length]) {
    async function* source() {
      if (at > 0) yield packed.subarray(0, at)
      throw broken
    }
    await expect(collect(decompress(source(), { name: 'x' }))).rejects.toBe(broken)
  }
  expect(liveChildren().length).toBe(0)
})
