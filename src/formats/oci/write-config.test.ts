import { expect, test } from 'vitest'
import { fitHistory, formatTime } from './write-config.ts'

const step = (created_by: string, empty_layer?: boolean) => (empty_layer ? { created_by, empty_layer } : { created_by })

test('history that fits stays', () => {
  const history = [step('a'), step('b', true), step('c')]
  expect(fitHistory(history, 2)).toEqual(history)
  expect(fitHistory([], 0)).toEqual([])
})

test('surplus steps are marked empty from the first, missing ones added at the end', () => {
  const history = [step('a'), step('b', true), step('c'), step('d')]
  expect(fitHistory(history, 1)).toEqual([step('a', true), step('b', true), step('c', true), step('d')])
  expect(fitHistory(history, 0).every((entry) => entry.empty_layer)).toBe(true)
  expect(fitHistory([], 2)).toEqual([step('ingot'), step('ingot')])
  expect(fitHistory([step('a', true)], 2)).toEqual([step('a', true), step('ingot'), step('ingot')])
})

test('times are RFC 3339 in UTC', () => {
  expect(formatTime(0)).toBe('1970-01-01T00:00:00Z')
  expect(formatTime(1_700_000_000)).toBe('2023-11-14T22:13:20Z')
  expect(formatTime(253402300799)).toBe('9999-12-31T23:59:59Z')
  expect([formatTime(undefined), formatTime(253402300800), formatTime(1e18)]).toEqual([undefined, undefined, undefined])
})
