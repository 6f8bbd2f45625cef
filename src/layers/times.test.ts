import { expect, test } from 'vitest'
import { clampTimes } from './times.ts'
import { file, folder, layerOf, readTree } from './test-tree.ts'

test('only times later than the ceiling change: fractions, times before 1970 and after 2038', async () => {
  const second = 1_000_000_000n
  const mtimes: Record<string, bigint> = { negative: -1n, zero: 0n, at: 100n * second, after: 100n * second + 1n, far: 4_000_000_000n * second }
  const layer = layerOf([folder(''), ...Object.entries(mtimes).map(([path, mtime]) => file(path, '', { mtime }))], { canonical: true })
  const clamped = clampTimes(layer, 100)
  const tree = await readTree(clamped)
  expect(Object.fromEntries(Object.keys(mtimes).map((path) => [path, tree[path]!.mtime]))).toEqual({ negative: -1n, zero: 0n, at: 100n * second, after: 100n * second, far: 100n * second })
  expect(clamped.canonical).toBe(true)
})
