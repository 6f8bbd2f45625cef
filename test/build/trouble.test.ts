import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

// What a build meets on an ordinary day: a disk that is full, and a network that goes away.

const MiB = 1024 * 1024

describe.skipIf(sandboxMissing)(`a full disk${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  const folder = ownFolder('full-disk')
  const disk = join(folder, 'disk')
  const home = join(disk, 'home')
  mkdirSync(disk)
  const mountDisk = (size: number, ...options: string[]) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', [...options, `size=${size}m`].join(','), 'none', disk])
  mountDisk(1)
  afterAll(() => spawnSync('umount', [disk]))
  makeTinyRoot(join(folder, 'tiny'))
  writeFileSync(join(folder, 'noise'), randomBytes(20 * MiB))
  writeFileSync(
    join(folder, 'ingot.yaml'),
    `name: a
from: dir:tiny
steps:
  - copy: { from: noise, to: /one }
  - copy: { from: noise, to: /two }
  - run: cat /one > /three
`,
  )
  const build = async (size: number) => {
    mountDisk(size, 'remount')
    const outcome = await ingot(['build', folder, '--home', home])
    if (existsSync(join(home, 'tmp'))) expect(readdirSync(join(home, 'tmp'))).toEqual([])
    expect(execFileSync('mount', { encoding: 'utf8' })).not.toContain(`${disk}/`)
    return { ...outcome, lines: outcome.stderr.split('\n') }
  }

  test('says what it was doing, leaves nothing, and goes on from there when there is space', async () => {
    const atBase = await build(1)
    expect(atBase.status, atBase.stderr).toBe(11)
    expect(atBase.stderr).toMatch(/ingot\.yaml: from \(dir tiny\): .*no space left on the device/i)

    const atCopy = await build(40)
    expect(atCopy.status, atCopy.stderr).toBe(11)
    expect(atCopy.stderr).toMatch(/ingot\.yaml:5: step 2 \(copy: noise to \/two\): .*no space left on the device/i)

    const atRun = await build(60)
    expect(atRun.status, atRun.stderr).toBe(10)
    expect(atRun.lines).toContain('[1/3] copy: noise to /one (done before)')
    expect(atRun.stderr).toMatch(/step 3 \(run: cat \/one > \/three\): the script failed with exit status 1/)
    expect(atRun.stderr).toMatch(/No space left on device/)

    const atStore = await build(90)
    expect(atStore.status, atStore.stderr).toBe(11)
    expect(atStore.lines).toContain('[2/3] copy: noise to /two (done before)')
    const list = await ingot(['image', 'list', '--home', home, '--format', 'csv'])
    expect(list.stdout.toString()).toBe('')

    const whole = await build(400)
    expect(whole.status, whole.stderr).toBe(0)
    expect(whole.lines).toContain('[3/3] run: cat /one > /three (done before)')
    const { stdout } = await ingot(['store', 'check', '--home', home])
    expect(stdout.toString()).toBe('the store is in order\n')
  }, 120_000)
})

/** A proxy on the loopback that stops answering for good once it was asked for a path. */
async function openProxy(gone: RegExp): Promise<{ server: Server; url: string }> {
  let dead = false
  const server = createServer((asked: IncomingMessage, answer) => {
    dead ||= gone.test(asked.url ?? '')
    if (dead) return void asked.socket.destroy()
    const onward = request(asked.url ?? '', { method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    onward.end()
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('a network that goes away: says what could not be fetched, and goes on from there when it is back', async (context) => {
  if (process.getuid?.() !== 0) context.skip('needs root')
  for (const tool of ['mmdebstrap', 'bwrap'])
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) context.skip(`${tool} is not installed`)
  if (process.env.http_proxy) context.skip('the host has a proxy, which the one of this test does not know')
  const folder = ownFolder('network-loss')
  const home = join(folder, 'home')
  writeFileSync(
    join(folder, 'ingot.yaml'),
    'name: a\nfrom: { debootstrap: debian/bookworm, variant: apt }\nsteps:\n  - env: { A: a }\n  - packages: [less]\n',
  )
  const build = async (gone: RegExp) => {
    const { server, url } = await openProxy(gone)
    try {
      const outcome = await ingot(['build', folder, '--home', home], { env: { http_proxy: url } })
      expect(readdirSync(join(home, 'tmp'))).toEqual([])
      return outcome
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }
  const atLists = await build(/InRelease/)
  expect(atLists.status, atLists.stderr).toBe(10)
  expect(atLists.stderr).toMatch(/ingot\.yaml: from \(debootstrap debian\/bookworm\): fetching the package lists/)

  const atStep = await build(/less_.*\.deb/)
  expect(atStep.status, atStep.stderr).toBe(10)
  expect(atStep.stderr).toMatch(/ingot\.yaml:5: step 2 \(packages: less\): apt-get install failed/)
  expect(atStep.stderr).toMatch(/error: [\s\S]*less_/)

  const whole = await build(/nothing at all/)
  expect(whole.status, whole.stderr).toBe(0)
  expect(whole.stderr).toContain('[0/2] debootstrap debian/bookworm (done before)')
}, 300_000)
