import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, type TestContext, test } from 'vitest'
import { giveTo, makeOrdinaryUser, type OrdinaryUser } from '../support/ordinary-user.ts'

// A real bootstrap of Debian, twice, on hosts that differ in everything that must not matter.

const bin = join(import.meta.dirname, '../../bin/ingot')
const folder = mkdtempSync(join(tmpdir(), 'ingot-debian-'))
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const recipe = `
name: test/debian
from: debootstrap:debian/bookworm
steps:
  - packages: [netbase]
  - copy: { from: files, to: /srv/files }
  - group: { name: staff-of-lab, gid: 4000 }
  - user: { name: lab, uid: 4001, groups: [staff-of-lab, video], shell: /bin/sh, authorized-keys: [ssh-ed25519 AAAA lab] }
  - user: { name: daemon-of-lab, system: true }
  - packages: [less, openssh-server]
  - capabilities: { path: /usr/bin/less, set: cap_net_raw+ep }
  - env: { GREETING: "hello there" }
  - run: echo "$GREETING" > /srv/greeting
  - hostname: lab.example.org
  - symlink: { path: /srv/less, target: ../usr/bin/less }
  - remove: [/srv/files/program, /usr/share/doc/less*]
  - run: { script: "echo $HOME > ~/home", user: lab }
`

function need(context: TestContext): void {
  if (process.getuid?.() !== 0) context.skip('building needs root')
  for (const tool of ['mmdebstrap', 'bwrap']) {
    try {
      execFileSync('sh', ['-c', `command -v ${tool}`])
    } catch {
      context.skip(`${tool} is not installed`)
    }
  }
}

interface Host {
  readonly umask: string
  readonly env: Readonly<Record<string, string>>
  readonly user?: OrdinaryUser | undefined
}

interface Outcome {
  readonly fingerprint: string
  readonly file: string
  readonly said: string
}

/** Builds the recipe as a checkout with this umask would have it, with a home of its own or a given one. */
async function build(name: string, host: Host, home = join(folder, name, 'home')): Promise<Outcome> {
  const checkout = join(folder, name, 'checkout')
  const before = process.umask(Number.parseInt(host.umask, 8))
  mkdirSync(join(checkout, 'files/sub'), { recursive: true })
  writeFileSync(join(checkout, 'files/sub/text'), 'text')
  writeFileSync(join(checkout, 'files/program'), '#!/bin/sh\n', { mode: 0o777 })
  process.umask(before)
  writeFileSync(join(checkout, 'ingot.yaml'), recipe)
  const out = join(folder, name, 'out')
  if (host.user) giveTo(host.user, join(folder, name))
  const command = `umask ${host.umask}; exec "$0" "$@"`
  const args = ['build', checkout, '--to', 'rootfs', '-o', out, '--home', home, '--format', 'json']
  const { SOURCE_DATE_EPOCH: _, ...env } = process.env
  const child = spawn('sh', ['-c', command, ...(host.user?.prefix ?? []), bin, ...args], {
    env: { ...env, ...host.env },
  })
  let stdout = ''
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk))
  const status = await new Promise((resolve) => child.once('close', resolve))
  expect(status, said).toBe(0)
  expect(readdirSync(join(home, 'tmp'))).toEqual([])
  const text = JSON.stringify(JSON.parse(stdout))
  const fingerprint = /"fingerprint":"([0-9a-f]{64})"/.exec(text)?.[1]
  return { fingerprint: fingerprint ?? 'none', file: join(out, 'test-debian.rootfs.tar.zst'), said }
}

const user = makeOrdinaryUser()
const here: Host = { umask: '022', env: { TZ: 'UTC', LC_ALL: 'C.UTF-8' } }
/** Proxies of the host's apt are lent to the image's: here one for a host that nobody asks. */
const aptConfig = join(folder, 'apt.conf')
writeFileSync(aptConfig, 'Acquire::http::Proxy::unused.example "http://127.0.0.1:9";\n')

const elsewhere: Host = {
  umask: '077',
  env: {
    TZ: 'Asia/Tokyo',
    LC_ALL: 'de_DE.UTF-8',
    HOME: '/nonexistent',
    LANGUAGE: 'de',
    EXTRA: 'x',
    PYTHONHASHSEED: '7',
  },
}

test('the same recipe gives the same bytes, whatever the host', async (context) => {
  need(context)
  const first = await build('first', here)
  expect(first.fingerprint).toMatch(/^[0-9a-f]{64}$/)

  const names = execFileSync('tar', ['--zstd', '-tf', first.file], { encoding: 'utf8' }).split('\n')
  const present = (name: string) => names.some((line) => line.replace(/^\.\//, '').replace(/\/$/, '') === name)
  for (const name of ['dev', 'proc', 'run', 'srv/files/sub/text', 'usr/bin/less', 'home/lab/home', 'srv/less']) {
    expect(present(name), name).toBe(true)
  }
  const content = (name: string) => execFileSync('tar', ['--zstd', '-xOf', first.file, name], { encoding: 'utf8' })
  expect(content('srv/greeting')).toBe('hello there\n')
  expect(content('etc/hostname')).toBe('lab.example.org\n')
  expect(content('etc/hosts')).toContain('127.0.1.1\tlab.example.org lab\n')
  expect(content('home/lab/.ssh/authorized_keys')).toBe('ssh-ed25519 AAAA lab\n')
  expect(content('etc/group')).toMatch(/^staff-of-lab:x:4000:lab$/m)
  expect(content('etc/passwd')).toMatch(/^lab:x:4001:4001::\/home\/lab:\/bin\/sh$/m)
  expect(content('etc/passwd')).toMatch(/^daemon-of-lab:x:\d{3}:/m)
  const listed = (...args: string[]) =>
    execFileSync('tar', ['--zstd', '-tvvf', first.file, ...args], { encoding: 'utf8' })
  expect(listed('--numeric-owner', 'home/lab/.ssh')).toMatch(/drwx------ 4001\/4001 .*\n-rw------- 4001\/4001 /)
  expect(listed('--xattrs', '--xattrs-include=*', 'usr/bin/less')).toContain('security.capability')
  for (const name of [
    'etc/resolv.conf',
    'srv/files/program',
    'usr/share/doc/less',
    'usr/sbin/policy-rc.d',
    'dev/null',
    'etc/ssh/ssh_host_rsa_key',
  ]) {
    expect(present(name), name).toBe(false)
  }
  expect(names.filter((name) => /apt\.conf\.d\/.*(ingot|mmdebstrap)/.test(name))).toEqual([])

  const [log] = readdirSync(join(folder, 'first/home/logs'))
  expect(readFileSync(join(folder, 'first/home/logs', log!), 'utf8')).toMatch(/policy-rc\.d denied execution of start/)

  // By an ordinary user where there can be one: the bytes must be those of root's build.
  const second = await build('second', { ...elsewhere, ...(typeof user === 'string' ? {} : { user }) })
  expect(second.fingerprint).toBe(first.fingerprint)

  const again = await build('again', here, join(folder, 'first', 'home'))
  expect(again.said.match(/^\[.*$/gm)!.filter((line) => !line.endsWith('(done before)'))).toEqual([])
  expect(again.fingerprint).toBe(first.fingerprint)
}, 600_000)
