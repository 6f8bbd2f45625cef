import { expect, test } from 'vitest'
import { digestOf, parseDigest, verified } from './digest.ts'
import { collect } from './stream.ts'

async function* chunks(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part)
}

test('sha256 and sha512 digests are read; anything else is refused', () => {
  const good = digestOf('abc', 'sha512')
  expect(parseDigest(good, 'x')).toBe(good)
  for (const bad of [
    'sha256:ab',
    `sha256:${'A'.repeat(64)}`,
    'md5:d41d8cd98f00b204e9800998ecf8427e',
    7,
    undefined,
    'sha256:../../etc',
  ]) {
    expect(() => parseDigest(bad, 'index.json')).toThrow(/^index\.json: .* is not a digest/)
  }
})

test('a stream that keeps its promise passes unchanged', async () => {
  const stream = verified(chunks('ab', 'c'), { digest: digestOf('abc'), size: 3 }, 'blob')
  expect((await collect(stream)).toString()).toBe('abc')
})

test.each([
  ['a wrong digest', { digest: digestOf('abd') }, /the content's digest is/],
  ['too few bytes', { size: 4 }, /3 bytes where 4 were promised/],
  ['too many bytes', { size: 2 }, /more than the promised 2 bytes/],
])('%s is corruption', async (_, expected, message) => {
  await expect(collect(verified(chunks('ab', 'c'), expected, 'blob'))).rejects.toThrow(message)
})
