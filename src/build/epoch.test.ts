import { afterEach, expect, test, vi } from 'vitest'
import { chosenEpoch, serialOf } from './epoch.ts'

afterEach(() => vi.unstubAllEnvs())

test('the option comes before the environment, and neither means that the base decides', () => {
  vi.stubEnv('SOURCE_DATE_EPOCH', undefined)
  expect(chosenEpoch(undefined)).toBeUndefined()
  vi.stubEnv('SOURCE_DATE_EPOCH', '1700000000')
  expect(chosenEpoch(undefined)).toBe(1_700_000_000)
  expect(chosenEpoch(5)).toBe(5)
})

test('a SOURCE_DATE_EPOCH that is no number is an error', () => {
  vi.stubEnv('SOURCE_DATE_EPOCH', 'yesterday')
  expect(() => chosenEpoch(undefined)).toThrow('SOURCE_DATE_EPOCH is "yesterday"')
})

test('serial numbers are in UTC', () => {
  expect(serialOf(1_795_054_374)).toBe('20261119_02:12')
})
