import { expect, test } from 'vitest'
import { columnTime, infoTime, isGiven, isoTime } from './time-text.ts'

const at = (text: string) => Date.parse(text) / 1000

test('times in the words of lxc', () => {
  expect(
    ['2026-11-21T10:06:12Z', '2026-03-02T00:01:59Z', '2026-12-31T12:00:00Z'].map((t) => columnTime(at(t))),
  ).toEqual(['Nov 21, 2026 at 10:06am (UTC)', 'Mar 2, 2026 at 12:01am (UTC)', 'Dec 31, 2026 at 12:00pm (UTC)'])
  expect(infoTime(at('2026-03-02T09:05:59Z'))).toBe('2026/03/02 09:05 UTC')
  expect(isoTime(at('2026-03-02T09:05:59Z') + 0.9)).toBe('2026-03-02T09:05:59Z')
})

test('days before the epoch', () => {
  expect(columnTime(-1)).toBe('Dec 31, 1969 at 11:59pm (UTC)')
  expect(columnTime(at('0001-01-01T00:00:00Z'))).toBe('Jan 1, 0001 at 12:00am (UTC)')
})

test('dates beyond what ISO 8601 can say become the last that it can', () => {
  expect(isoTime(1e15)).toBe('9999-12-31T23:59:59Z')
  expect(columnTime(1e300)).toBe('Dec 31, 9999 at 11:59pm (UTC)')
  expect(infoTime(-1e15)).toBe('0001/01/01 00:00 UTC')
})

test('0 is none', () => {
  expect([undefined, 0, 1].map(isGiven)).toEqual([false, false, true])
})
