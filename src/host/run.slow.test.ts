import { expect, test } from 'vitest'
import { liveChildren } from './children.ts'
import { run } from './run.ts'

test('gives what the program says and its exit status', async () => {
  expect(await run('sh', ['-c', 'cat; echo; echo oops >&2'], { input: 'hello' })).toEqual({
    exitCode: 0,
    stdout: 'hello',
    stderr: 'oops',
  })
  expect((await run('sh', ['-c', 'exit 4'], { accept: [3, 4] })).exitCode).toBe(4)
  expect((await run('sh', ['-c', 'echo $LC_ALL-$TZ-$X'], { env: { X: 'x' } })).stdout).toBe('C.UTF-8-UTC-x')
  expect((await run('pwd', [], { cwd: '/usr' })).stdout).toBe('/usr')
})

test('system programs are found without sbin in PATH', async () => {
  const before = process.env.PATH
  process.env.PATH = '/usr/bin:/bin'
  try {
    expect((await run('sh', ['-c', 'command -v losetup || command -v chroot'])).stdout).toContain('/sbin/')
  } finally {
    process.env.PATH = before
  }
})

test('shows lines as they come', async () => {
  const lines: string[] = []
  const { stdout } = await run('sh', ['-c', 'echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three'], {
    onLine: (line) => lines.push(line),
  })
  expect(lines).toEqual(['one', 'two', 'three'])
  expect(stdout).toBe('one\nthree')
})

test('failures', async () => {
  await expect(run('sh', ['-c', 'echo why >&2; exit 2'])).rejects.toMatchObject({
    code: 'command-failed',
    message: 'sh failed with exit status 2: why',
  })
  await expect(run('sh', ['-c', 'echo on stdout; exit 1'])).rejects.toThrow('on stdout')
  await expect(run('sh', ['-c', 'kill -KILL $$'])).rejects.toThrow('sh was stopped by SIGKILL')
  await expect(run('no-such-program', [])).rejects.toMatchObject({ code: 'missing-tool' })
  await expect(run('pwd', [], { cwd: '/no/such/folder' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(run('sleep', ['100'], { timeout: 50 })).rejects.toMatchObject({ code: 'command-failed' })
  await expect(run('sh', ['-c', 'yes'])).rejects.toThrow('wrote more than 16777216 bytes')
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 50)
  await expect(run('sleep', ['100'], { signal: controller.signal })).rejects.toMatchObject({ code: 'interrupted' })
  expect(liveChildren().length).toBe(0)
})
