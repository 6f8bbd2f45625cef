import { expect, test } from 'vitest'
import { chooseLayers } from './prune.ts'

const day = 86_400
const now = 1_800_000_000_000
const layer = (key: string, days: number, bytes: number) => ({
  key,
  title: key,
  bytes,
  lastUsed: now - days * day * 1000,
})
const layers = [layer('a', 1, 100), layer('b', 40, 10), layer('c', 5, 50), layer('d', 3, 1)]

function goes(unusedFor: number, keep: number): readonly string[] {
  return chooseLayers(layers, { unusedFor: unusedFor * day, keep }, now).map(({ key }) => key)
}

test('what was not used for long goes, and what was used last stays within the room there is', () => {
  expect(goes(30, Infinity)).toEqual(['b'])
  expect(goes(2, Infinity)).toEqual(['d', 'c', 'b'])
  expect(goes(1000, 101)).toEqual(['c', 'b'])
  expect(goes(1000, 61)).toEqual(['a'])
  expect(goes(0, Infinity)).toHaveLength(4)
})
