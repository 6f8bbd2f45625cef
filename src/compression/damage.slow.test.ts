import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IngotError } from '../image/error.ts'
import { commands, kinds, piped, sample, text, unpack } from './testing.ts'

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
  for (let at = 20; at < packed.length; at += isProgram ? 97 : 11) points.add(at)
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

test('data of another kind than promised', async () => {
  for (const kind of kinds) await expect(unpack(text, { kind })).rejects.toMatchObject({ code: 'bad-input' })
})
