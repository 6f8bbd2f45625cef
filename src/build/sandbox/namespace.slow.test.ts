import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { sandboxMissing } from '../test-root.ts'
import { runNamespace } from './namespace.ts'

const bwrap = ['bwrap', '--bind', '/', '/', '--proc', '/proc', '--unshare-pid', '--die-with-parent', '--new-session']
const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']

test.skipIf(sandboxMissing)('the outputs in their order, the exit status, umask 022 and no input', async () => {
  const lines: string[] = []
  const script = 'echo out; echo err >&2; umask; cat; echo $$ end; exit 9'
  expect(await runNamespace([...unshare, 'sh', '-c', script], (line) => lines.push(line))).toBe(9)
  expect(lines).toEqual(['out', 'err', '0022', '1 end'])
})

test('a program that cannot be started is a failure that says so', async () => {
  const lines: string[] = []
  expect(await runNamespace(['no-such-program'], (line) => lines.push(line))).toBe(127)
  expect(lines.join()).toContain('no-such-program')
})

test.skipIf(sandboxMissing)('killed at any moment of its start, the caller leaves no process', async () => {
  const module = JSON.stringify(new URL('./namespace.ts', import.meta.url).href)
  const survivors: string[] = []
  for (let round = 0; round < 40; round++) {
    const marker = `6${process.pid}.${round}`
    const command = [...(round % 2 === 0 ? bwrap : unshare), 'sleep', marker]
    const program = `await (await import(${module})).runNamespace(${JSON.stringify(command)}, () => {})`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
    // Its command line is what the shell has first, long before a program asks to end with its parent.
    await vi.waitFor(() => expect(processesWith(marker)).not.toEqual([]), { timeout: 10_000, interval: 1 })
    await sleep(Math.random() * 15)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(processesWith(marker)).toEqual([]), 3000).catch(() => survivors.push(marker))
  }
  expect(survivors).toEqual([])
})

/** Processes with a word in their command line. */
function processesWith(word: string): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && wordsOf(name).includes(word))
}

function wordsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
