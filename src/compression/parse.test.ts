import { expect, test } from 'vitest'
import { levels, parseCompression } from './parse.ts'

test.each([
  ['none', { kind: 'none' }],
  ['gzip', { kind: 'gzip' }],
  ['gz', { kind: 'gzip' }],
  ['zst', { kind: 'zstd' }],
  ['zstd:19', { kind: 'zstd', level: 19 }],
  ['xz:0', { kind: 'xz', level: 0 }],
])('%s', (text, expected) => expect(parseCompression(text)).toEqual(expected))

test('every level in range and no other', () => {
  for (const [kind, { lowest, highest }] of Object.entries(levels)) {
    for (let level = lowest; level <= highest; level++) {
      expect(parseCompression(`${kind}:${level}`)).toEqual({ kind, level })
    }
    for (const level of [lowest - 1, highest + 1]) {
      expect(() => parseCompression(`${kind}:${level}`)).toThrow(`levels of ${kind} are ${lowest} to ${highest}`)
    }
  }
})

test.each([
  '',
  'bzip2',
  'lzma',
  'GZIP',
  'zstd:',
  'zstd:3:4',
  'zstd:3.5',
  'zstd:-1',
  'zstd: 3',
  'zstd:1e1',
  'none:1',
  'constructor',
])('%j is refused', (text) => expect(() => parseCompression(text)).toThrow(expect.objectContaining({ code: 'usage' })))
