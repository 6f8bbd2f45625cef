import { expect, test } from 'vitest'
import { exitStatus } from './exit-status.ts'

test('both outputs come line by line, and a failure is only a number', async () => {
  const lines: string[] = []
  expect(await exitStatus('sh', ['-c', 'echo out; echo err >&2; printf end; exit 9'], (line) => lines.push(line))).toBe(
    9,
  )
  expect(lines.sort()).toEqual(['end', 'err', 'out'])
})

test('a program may write more than would be kept', async () => {
  let bytes = 0
  const script = 'yes 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde | head -c 32000000'
  expect(await exitStatus('sh', ['-c', script], (line) => (bytes += line.length + 1))).toBe(0)
  expect(bytes).toBe(32_000_000)
})

test('a program that is not there is an error', async () => {
  await expect(exitStatus('no-such-program', [], () => {})).rejects.toMatchObject({ code: 'missing-tool' })
})
