import { expect, test } from 'vitest'
import { item, treeLayer } from '../../test/support/trees.ts'
import { clampTimes } from './times.ts'

const second = 1_000_000_000n

test('later times become the ceiling; earlier ones, to the nanosecond and before the epoch, stay', async () => {
  const given = [
    -86_400n * second - 1n,
    0n,
    999_999_999_999n,
    1000n * second,
    1000n * second + 1n,
    4_000_000_000n * second,
  ]
  const layer = treeLayer(given.map((mtime, i) => item({ path: `f${i}`, type: 'file', mtime }, 'content')))
  const seen: bigint[] = []
  for await (const entry of clampTimes(layer, 1000).entries()) seen.push(entry.mtime)
  expect(seen).toEqual([...given.slice(0, 4), 1000n * second, 1000n * second])
})

test('contents stay, and the first look sees the same times', async () => {
  const layer = clampTimes(treeLayer([item({ path: 'f', type: 'file', mtime: 5n * second }, 'content')]), 1)
  for await (const entry of layer.entries()) {
    for await (const chunk of entry.body) expect(chunk.toString()).toBe('content')
  }
  for await (const header of layer.headers!()) expect(header.mtime).toBe(second)
})
