import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { shellWord } from '../../src/image/shell-word.ts'
import { bin, ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

describe.skipIf(sandboxMissing)('a shell where a step failed', () => {
  const folder = ownFolder('failure-shell')
  mkdirSync(join(folder, 'tiny'))
  makeTinyRoot(join(folder, 'tiny'))
  writeFileSync(join(folder, 'secret'), 'hush\n')
  writeFileSync(
    join(folder, 'ingot.yaml'),
    `name: a
from: dir:tiny
steps:
  - env: { WHO: me }
  - run:
      script: echo made > /made; unlink /missing
      env: { V: "1" }
      workdir: /etc
      secrets: [{ id: s, file: secret }]
`,
  )
  const home = join(folder, 'home')
  const args = ['build', folder, '--home', home, '--shell-on-failure']

  test('has what the script had, in the root as it was left', async () => {
    const input = 'cat /made; echo "$WHO $V $(pwd)"; cat /run/ingot/script; cat /run/secrets/s; exit 0\n'
    const { status, stdout, stderr } = await ingot(args, { input })
    expect(stdout.toString()).toBe('made\nme 1 /etc\necho made > /made; unlink /missinghush\n')
    expect(stderr).toContain('exit status 1: this is /bin/sh in the image as it was left')
    expect(status).toBe(10)
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
    // What failed is no layer.
    expect((await ingot(args, { input: '' })).stderr).toContain('[2/2] run: echo made')
  })

  test('on a terminal: Ctrl-C stops what runs in it, not the shell and not Ingot', async () => {
    const command = [bin, ...args].map(shellWord).join(' ')
    const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'])
    let screen = ''
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
    })
    const shown = async (text: string | RegExp) =>
      await vi.waitFor(() => expect(screen).toMatch(text), { timeout: 20_000, interval: 50 })
    const ended = new Promise<number | null>((resolve) => terminal.on('close', resolve))
    await shown('as it was left')
    terminal.stdin.write('echo sta"rted"; sleep 1000\n')
    await shown(/started\r\n/)
    await sleep(300) // until the sleep is what the terminal's keys go to
    terminal.stdin.write('\x03')
    terminal.stdin.write('echo sur"vived"; exit\n')
    await shown(/survived\r\n/)
    expect(await ended).toBe(10)
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
  })
})
