import { expect, test } from 'vitest'
import { createProgress } from './progress.ts'
import { formatBytes, formatDuration, renderTable } from './text.ts'

test('sizes', () => {
  expect([0, 999, 1000, 12_345, 123_456_789, 5e13].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '12.3 kB',
    '123 MB',
    '50.0 TB',
  ])
})

test('durations', () => {
  expect([5.4, 65, 3720].map(formatDuration)).toEqual(['5s', '1m 05s', '1h 02m'])
})

test('wide characters take two columns, so tables line up', () => {
  const [head, , second] = renderTable(
    ['NAME', 'SIZE'],
    [
      ['镜像', '1'],
      ['abcdef', '2'],
    ],
  ).split('\n')
  expect(head!.indexOf('SIZE')).toBe(second!.indexOf('2'))
})

test('a table may have more rows than a call can have arguments', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [`${i}`, 'x'])
  expect(renderTable(['A', 'B'], rows)).toHaveLength(200_001 * 10)
})

test('progress is a bar with rate and time left on a terminal', () => {
  let time = 0
  let screen = ''
  const progress = createProgress(
    'converting',
    { isTTY: true, columns: 100, write: (text) => (screen = text) },
    () => time,
  )
  progress.size(1000)
  time = 1000
  progress.read(250)
  expect(screen).toMatch(/^\r\x1b\[2Kconverting {2}█+░+ {2}250 B of 1\.00 kB {2}250 B\/s {2}3s left$/)
  time = 3000
  progress.read(1000)
  expect(screen).toContain('converting, pass 2')
  progress.done()
  expect(screen).toBe('\r\x1b[2K')
})

test('elsewhere it is a plain line every ten seconds', () => {
  let time = 0
  const lines: string[] = []
  const progress = createProgress('packing', { write: (text) => lines.push(text) }, () => time)
  progress.size(1000)
  for (let i = 1; i <= 100; i++) {
    time = i * 300
    progress.read(1)
  }
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/^packing {2}\d+ B of 1\.00 kB {2}.* left\n$/)
})
