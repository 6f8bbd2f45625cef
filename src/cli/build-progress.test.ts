import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { BuildEvent } from '../build/events.ts'
import { createBuildProgress, type ProgressForm } from './build-progress.ts'

const events: readonly BuildEvent[] = [
  { type: 'cached', title: 'scratch', number: 0, count: 2 },
  { type: 'start', title: 'run: make', number: 1, count: 2 },
  { type: 'output', line: 'compiling \x1b[31mred and green and blue' },
  { type: 'note', message: 'a note' },
  { type: 'finish', seconds: 65 },
  { type: 'test', title: 'run true', seconds: 1, failure: undefined },
  { type: 'test', title: 'run false', seconds: 1, failure: 'no' },
  { type: 'warning', message: 'careful' },
]

function shown(form: ProgressForm, columns = 40): string {
  const written: string[] = []
  const screen = { columns, write: (text: string) => written.push(text) }
  const progress = createBuildProgress(form, screen)
  for (const event of events) {
    progress.event(event)
    vi.advanceTimersByTime(event.type === 'output' ? 450 : 0)
  }
  progress.tell('store: a')
  progress.close()
  vi.advanceTimersByTime(1000)
  return written.join('')
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('plain: a line a step, and what programs say', () => {
  expect(shown('plain')).toBe(`[0/2] scratch (done before)
[1/2] run: make
      │ compiling \\x1b[31mred and green and blue
      a note
      done in 1m 05s
      ✓ run true
      ✗ run false
warning: careful
→ store: a
`)
})

test('tty: time and the last thing said, in one line that goes', () => {
  const line = '\r\x1b[2K      0s  compiling \\x1b[31mred and gre'
  expect(shown('tty')).toBe(`[0/2] scratch (done before)
[1/2] run: make
${line}${line}\r\x1b[2K      a note
      done in 1m 05s
      ✓ run true
      ✗ run false
warning: careful
→ store: a
`)
})

test('json: what happened, an object a line', () => {
  const lines = shown('json').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    ...events.map((event) => JSON.parse(JSON.stringify(event))),
    { type: 'result', text: 'store: a' },
  ])
})
