import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Compression } from '../image/layer.ts'
import { detectCompression, detectionBytes, extensionOf } from './detect.ts'

function packed(command: string, input: string): Buffer {
  return execFileSync('sh', ['-c', command], { input })
}

test.each([
  ['gzip -c', 'gzip'],
  ['zstd -q -c', 'zstd'],
  ['xz -c', 'xz'],
  ['xz -c --format=lzma', 'lzma'],
  ['xz -c --format=lzma --lzma1=dict=4KiB', 'lzma'],
  ['xz -c --format=lzma --lzma1=dict=96MiB', 'lzma'],
  ['bzip2 -c', 'bzip2'],
  ['bzip2 -1 -c', 'bzip2'],
  ['cat', 'none'],
] as const)('%s is %s', (command, kind) => {
  expect(detectCompression(packed(command, 'some text').subarray(0, detectionBytes))).toBe(kind)
  expect(detectCompression(packed(command, '').subarray(0, detectionBytes))).toBe(kind)
})

test('a zstd file may begin with a skippable frame', () => {
  for (const nibble of [0, 7, 15])
    expect(detectCompression(Buffer.from([0x50 + nibble, 0x2a, 0x4d, 0x18]))).toBe('zstd')
})

test('text that begins like a compressed file is none', () => {
  for (const text of ['BZhello world!', 'BZ', ']\0\0 is no lzma', '\x1f', '']) {
    expect(detectCompression(Buffer.from(text, 'latin1'))).toBe('none')
  }
})

test('tar headers are none', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z./]{1,20}$/), (name) => {
      expect(detectCompression(Buffer.from(`${name}\0\0\0\0\0\0\0\0\0\0\0\0\0`).subarray(0, detectionBytes))).toBe(
        'none',
      )
    }),
  )
})

test('extensions', () => {
  const kinds: Compression[] = ['none', 'gzip', 'zstd', 'xz', 'bzip2', 'lzma']
  expect(kinds.map(extensionOf)).toEqual(['', '.gz', '.zst', '.xz', '.bz2', '.lzma'])
})
