import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commands, piped, sample, text, unpack } from './testing.ts'

const large = sample(9_500_000)

test.each([
  ['one large frame', 'zstd -q -c'],
  ['one large frame of unknown size', 'cat | zstd -q -c --no-content-size'],
  ['no checksum', 'zstd -q -c --no-check'],
  ['pzstd: many frames with skippable ones', 'pzstd -q -c -p 4'],
  ['a wide window', 'zstd -q -c --long=27 -1'],
])('zstd: %s', async (_, command) => {
  const program = /pzstd/.test(command) ? 'pzstd' : 'zstd'
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) throw new Error(`this test needs ${program}`)
  const packed = piped(command, large)
  for (const chunk of [1 << 20, 4099]) expect((await unpack(packed, { chunk })).equals(large)).toBe(true)
  await expect(unpack(packed.subarray(0, packed.length - 1))).rejects.toMatchObject({ code: 'bad-input' })
})

test('zstd: frames of all sizes and skippable frames in any order', async () => {
  const contents = [text.subarray(0, 10), large, Buffer.alloc(0), text, Buffer.alloc(10_000_000), text.subarray(0, 1)]
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
    { numRuns: 8 },
  )
})

test('zstd: thousands of small frames', async () => {
  const frame = piped(commands.zstd, text.subarray(0, 500))
  const unpacked = await unpack(Buffer.alloc(frame.length * 2000, frame))
  expect(unpacked.equals(Buffer.alloc(500 * 2000, text.subarray(0, 500)))).toBe(true)
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
