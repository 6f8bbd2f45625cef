import { spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { changeTree, makeTinyRoot, sandboxMissing, testFolder } from '../test-root.ts'
import { runInSandbox, type SandboxRun } from './sandbox.ts'

const folder = testFolder()
let roots = 0

interface Place {
  /** The image before programs run. */
  readonly root: string
  readonly work: string
}

function newRoot(): Place {
  const work = join(folder, String(++roots))
  for (const name of ['', 'base', 'work']) mkdirSync(join(work, name))
  return { root: makeTinyRoot(join(work, 'base')), work: join(work, 'work') }
}

async function run(
  place: Place,
  script: string,
  more: Partial<SandboxRun> = {},
): Promise<{ status: number; lines: readonly string[] }> {
  const lines: string[] = []
  const onLine = (line: string) => lines.push(line)
  const job = { work: place.work, command: ['sh', '-c', script], epoch: 1000, onLine, ...more }
  const status = await changeTree(place.root, place.work, (stack) => runInSandbox({ ...job, stack }))
  return { status, lines }
}

afterEach(() => vi.unstubAllEnvs())

describe.skipIf(sandboxMissing)(`sandbox${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  test('the environment is the same everywhere', async () => {
    vi.stubEnv('SECRET', 'of the host')
    vi.stubEnv('TZ', 'Asia/Tokyo')
    vi.stubEnv('LANG', 'de_DE.UTF-8')
    const { lines } = await run(newRoot(), 'env; hostname; pwd; umask; cat /proc/self/stat', { env: { MORE: 'yes' } })
    const env = lines.filter((line) => /^[A-Za-z_]+=/.test(line)).sort()
    const known = [
      'DEBCONF_NONINTERACTIVE_SEEN=true',
      'DEBIAN_FRONTEND=noninteractive',
      'DPKG_FORCE=unsafe-io',
      'HOME=/root',
      'LANG=C.UTF-8',
      'LC_ALL=C.UTF-8',
      'LOGNAME=root',
      'MORE=yes',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'PWD=/',
      'SOURCE_DATE_EPOCH=1000',
      'TERM=dumb',
      'TZ=UTC',
      'USER=root',
    ]
    const proxies = /^([a-z]+_proxy|[A-Z]+_PROXY|APT_CONFIG)=/
    expect(env.filter((line) => !proxies.test(line))).toEqual(known)
    expect(lines.filter((line) => !env.includes(line)).slice(0, 3)).toEqual(['ingot', '/', '0022'])
  })

  test('proxies of the host go in', async () => {
    vi.stubEnv('http_proxy', 'http://proxy.example:3128')
    const { lines } = await run(newRoot(), 'echo $http_proxy')
    expect(lines).toEqual(['http://proxy.example:3128'])
  })

  test('the umask of the host does not matter', async () => {
    const place = newRoot()
    const before = process.umask(0o077)
    try {
      const { lines } = await run(place, 'touch /file; mkdir /folder; stat -c %a /etc/resolv.conf /run/ingot/a', {
        files: { a: '' },
      })
      expect(lines).toEqual(['644', '644'])
    } finally {
      process.umask(before)
    }
    expect(lstatSync(join(place.root, 'file')).mode & 0o777).toBe(0o644)
    expect(lstatSync(join(place.root, 'folder')).mode & 0o777).toBe(0o755)
  })

  test('the exit status is passed on', async () => {
    expect((await run(newRoot(), 'exit 7')).status).toBe(7)
    expect((await run(newRoot(), 'kill -9 $$')).status).toBe(137)
  })

  test('files, working directory', async () => {
    const { lines } = await run(newRoot(), 'pwd; cat /run/ingot/note', { files: { note: 'hello\n' }, workdir: '/var' })
    expect(lines).toEqual(['/var', 'hello'])
  })

  test('the host’s processes, files and devices are out of reach, and it may not mount', async () => {
    const { lines } = await run(newRoot(), 'echo $$; ls /proc/1/root /dev; ls /run; cat /proc/self/status')
    expect(Number(lines[0])).toBeLessThan(10)
    expect(lines).not.toContain('vda')
    expect(lines).toContain('null')
    const effective = lines.find((line) => line.startsWith('CapEff:'))
    const sysAdmin = 1n << 21n
    expect(BigInt(`0x${effective!.split('\t')[1]}`) & sysAdmin).toBe(0n)
  })

  test('what the sandbox needs is gone afterwards: own files are back, missing mount points are missing again', async () => {
    const place = newRoot()
    const { root } = place
    for (const name of ['dev', 'proc', 'run']) rmSync(join(root, name), { recursive: true })
    symlinkSync('../run/stub-resolv.conf', join(root, 'etc/resolv.conf'))
    writeFileSync(join(root, 'usr/sbin/policy-rc.d'), 'the image’s own\n')
    const before = listing(root)
    const { lines } = await run(place, 'cat /etc/resolv.conf; cat /usr/sbin/policy-rc.d; touch /run/x /dev/shm/x')
    expect(lines.join('\n')).toBe(`${readFileSync('/etc/resolv.conf', 'utf8')}#!/bin/sh\nexit 101`)
    expect(readlinkSync(join(root, 'etc/resolv.conf'))).toBe('../run/stub-resolv.conf')
    expect(readFileSync(join(root, 'usr/sbin/policy-rc.d'), 'utf8')).toBe('the image’s own\n')
    expect(listing(root)).toEqual(before)
    expect(readdirSync(place.work)).toEqual([])
  })

  test('a resolv.conf or policy-rc.d that the program changes stays changed', async () => {
    const place = newRoot()
    writeFileSync(join(place.root, 'etc/resolv.conf'), 'old')
    await run(place, 'echo new > /etc/resolv.conf; unlink /usr/sbin/policy-rc.d')
    expect(readFileSync(join(place.root, 'etc/resolv.conf'), 'utf8')).toBe('new\n')
    expect(existsSync(join(place.root, 'usr/sbin/policy-rc.d'))).toBe(false)
    expect(readdirSync(place.work)).toEqual([])
  })

  test('an image without /etc and /usr/sbin is lent nothing', async () => {
    const place = newRoot()
    for (const name of ['etc', 'usr/sbin']) rmSync(join(place.root, name), { recursive: true })
    expect((await run(place, 'ls /')).lines).not.toContain('etc')
    expect(existsSync(join(place.root, 'etc'))).toBe(false)
  })

  test('processes that the program leaves behind end with it', async () => {
    const marker = `4${process.pid}.125`
    await run(newRoot(), `sleep ${marker} & sleep 0.1`)
    await vi.waitFor(() => expect(processesWith(marker)).toEqual([]), 5000)
  })

  test('everything ends when Ingot is killed', async () => {
    const place = newRoot()
    const marker = `5${process.pid}.125`
    for (const name of ['root', 'upper']) mkdirSync(join(place.work, name))
    const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
    const job = JSON.stringify({ work: place.work, command: ['sleep', marker], epoch: 0 })
    const program = `
      const { createLayerStack } = await import(${module('../cache/layer-stack.ts')})
      const { runInSandbox } = await import(${module('./sandbox.ts')})
      const stack = createLayerStack('${place.work}', '${place.work}/root')
      stack.add('${place.root}')
      await stack.change('${place.work}/upper', () => runInSandbox({ ...${job}, stack, onLine() {} }))`
    // As the command line does it: the mounts are in a namespace that goes with its processes.
    const child = spawn('unshare', ['--mount', process.execPath, '--input-type=module', '-e', program])
    await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(1), 10_000)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(processesWith(marker)).toEqual([]), 5000)
    await sleep(50)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(place.work)
  })
})

/** Processes with a word in their command line, this test's own children of `-e` apart. */
function processesWith(word: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid))
    .filter((line) => line.split('\0').includes(word))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}

function listing(root: string): readonly string[] {
  return (readdirSync(root, { recursive: true }) as string[]).sort()
}
