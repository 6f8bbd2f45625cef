import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { liveChildren } from '../host/children.ts'
import { openFile } from '../host/file.ts'
import { collect } from '../image/stream.ts'
import { decompress } from './decompress.ts'
import { commands, inChunks, kinds, piped, sample, text, unpack } from './testing.ts'
import type { Limits } from './types.ts'

test.each(kinds)('%s: reads what the real program wrote, in chunks of any size', async (kind) => {
  const packed = piped(commands[kind], text)
  for (const chunk of [1, 2, 3, 7, 1000, 1 << 20]) {
    const bytes = chunk < 4 ? piped(commands[kind], text.subarray(0, 5000)) : packed
    const expected = chunk < 4 ? text.subarray(0, 5000) : text
    expect((await unpack(bytes, { chunk })).equals(expected)).toBe(true)
  }
  expect((await unpack(piped(commands[kind], Buffer.alloc(0)))).length).toBe(0)
})

test.each(kinds.filter((kind) => kind !== 'lzma'))('%s: concatenated files', async (kind) => {
  const parts = [text.subarray(0, 1000), Buffer.alloc(0), text.subarray(1000, 200_000), text.subarray(200_000)]
  const packed = Buffer.concat(parts.map((part) => piped(commands[kind], part)))
  for (const chunk of [50, 999, 1 << 20]) expect((await unpack(packed, { chunk })).equals(text)).toBe(true)
})

test('a few bytes that unpack to a lot', async () => {
  const zeros = Buffer.alloc(2 * 1024 * 1024)
  const frame = piped(commands.zstd, zeros)
  const frames = Buffer.concat(Array.from({ length: 600 }, () => frame))
  expect(frames.length).toBeLessThan(zeros.length / 10)
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

test.each([...kinds, 'none'] as const)('%s: leaving early leaves no process and no open file', async (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'decompress-test-'))
  try {
    const path = join(folder, 'packed')
    const input = sample(3_000_000)
    writeFileSync(path, kind === 'none' ? input : piped(`${commands[kind]} -1`, input))
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
