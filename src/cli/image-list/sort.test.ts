import { expect, test } from 'vitest'
import { aliases, imageRecord } from '../../../test/support/image-record.ts'
import { naturalKey } from '../../image/natural.ts'
import { defaultColumns, parseColumns } from './columns.ts'
import { type SortOptions, sortImages } from './sort.ts'

function naturally(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))
}

test('numbers in texts by their value, before other characters, as lxc has them', () => {
  const expected = ['0', '0 x', '0b', '1', '2--', '9B', '10', '10-', '- x', '-b', '/', 'B', 'B 9', 'w9', 'w10', 'wa']
  expect(naturally(expected.toReversed())).toEqual(expected)
  expect(naturally(['3c', '03b', '003a', '3df', '4'])).toEqual(['3c', '3df', '03b', '003a', '4'])
  expect(naturally(['v1.10', 'v1.9', 'v1', 'v1.9.1', 'v1-9', 'v'])).toEqual([
    'v',
    'v1',
    'v1-9',
    'v1.9',
    'v1.9.1',
    'v1.10',
  ])
  // By bytes, as Go has it: JavaScript's own order has 😀 before ｗ.
  expect(naturally(['😀', 'ｗ10', 'ｗ9', '数', 'é', 'z'])).toEqual(['z', 'é', '数', 'ｗ9', 'ｗ10', '😀'])
  expect(naturally(['1'.repeat(40), `2${'0'.repeat(38)}`, '5'])).toEqual(['5', `2${'0'.repeat(38)}`, '1'.repeat(40)])
})

const images = [
  imageRecord('1', { size: 30, uploadedAt: 500 }),
  imageRecord('2', { aliases: aliases('w10'), size: 9, uploadedAt: 500, expiresAt: 7 }),
  imageRecord('3', { aliases: aliases('w9'), size: 200, uploadedAt: 500, expiresAt: 2_000_000_000 }),
  imageRecord('4', { aliases: aliases('W1'), size: 30, uploadedAt: 500 }),
  imageRecord('5', { size: 1, uploadedAt: 500 }),
]
const seeds = new Map(images.map(({ fingerprint }, i) => [fingerprint, String(i + 1)]))

function order(options?: SortOptions, columns = defaultColumns): string {
  const sorted = sortImages(images, parseColumns(columns), options)
  return sorted.map(({ fingerprint }) => seeds.get(fingerprint)).join('')
}

test('rows are sorted by their cells from the first one on, empty ones last, and at last by fingerprint', () => {
  expect(order()).toBe('43215')
  expect(order({}, 'p')).toBe('43125')
})

test('reverse turns them, but for the empty ones', () => {
  expect(order({ reverse: true })).toBe('23451')
})

test('a column sorts by what it means, and by the cells where that is the same', () => {
  expect(order({ sortBy: 's' })).toBe('52413')
  expect(order({ sortBy: 's', reverse: true })).toBe('34125')
  expect(order({ sortBy: 'x' })).toBe('23415')
  expect(order({ sortBy: 'x', reverse: true })).toBe('32415')
  expect(order({ sortBy: 'u', reverse: true })).toBe('43215')
})

test('an unknown column is refused', () => {
  expect(() => order({ sortBy: 'z' })).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(() => order({ sortBy: '' })).toThrow(expect.objectContaining({ code: 'usage' }))
})
