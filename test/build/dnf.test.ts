import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { buildBase } from '../support/build-base.ts'
import { type FileServer, serveFolder } from '../support/file-server.ts'
import { ingot } from '../support/ingot.ts'
import { makeOrdinaryUser, type OrdinaryUser } from '../support/ordinary-user.ts'
import { ownFolder } from '../support/store.ts'

// RPM packages as a base, from a repository of tiny packages that is made here.

const missing = ['dnf', 'rpm', 'rpmbuild', 'rpmsign', 'createrepo_c', 'gpg'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status,
)
const why = sandboxMissing ?? (missing.length > 0 ? `needs ${missing.join(', ')}` : undefined)
const user = why ?? makeOrdinaryUser()

let folder: string
let server: FileServer
const at = (...names: string[]) => join(folder, ...names)
function run(program: string, ...args: string[]): string {
  const env = { ...process.env, GNUPGHOME: at('gpg'), HOME: folder }
  return execFileSync(program, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** A package of the files of a tree; what it does after it was installed. */
function makePackage(name: string, tree: string, post: string): void {
  const spec = [
    ...[`Name: ${name}`, 'Version: 1', 'Release: 1', 'Summary: tiny', 'License: none', 'AutoReqProv: no'],
    ...['%global debug_package %{nil}', '%global __os_install_post %{nil}', '%description', 'tiny'],
    ...['%install', `cp -a ${tree}/. %{buildroot}/`],
    ...(post === '' ? [] : ['%post', post]),
    ...['%files', '/*', ''],
  ]
  writeFileSync(at(`${name}.spec`), spec.join('\n'))
  run(
    'rpmbuild',
    '-bb',
    '--quiet',
    '--define',
    `_topdir ${at('rpmbuild')}`,
    '--define',
    `_rpmdir ${at('repo')}`,
    at(`${name}.spec`),
  )
}

const build = async (name: string, from: string, as?: OrdinaryUser) => await buildBase(folder, name, from, as)

describe.skipIf(why)(`dnf: bases${why ? ` (skipped: ${why})` : ''}`, () => {
  beforeAll(async () => {
    folder = ownFolder('dnf')
    chmodSync(folder, 0o755)
    mkdirSync(at('gpg'), { mode: 0o700 })
    run('gpg', '--batch', '--passphrase', '', '--quick-gen-key', 'test@ingot.example', 'rsa2048', 'sign', 'never')
    writeFileSync(at('key.asc'), run('gpg', '--armor', '--export'))
    const [skeleton, tiny] = [at('skeleton'), at('tiny')]
    for (const path of ['dev', 'proc', 'var/log']) mkdirSync(join(skeleton, path), { recursive: true })
    mkdirSync(tiny)
    makeTinyRoot(tiny)
    for (const path of ['dev', 'proc', 'var']) run('rmdir', join(tiny, path))
    makePackage('filesystem', skeleton, '')
    makePackage('tiny', tiny, 'test -e /proc/self && test -c /dev/null && echo $SOURCE_DATE_EPOCH > /usr/made')
    for (const name of ['filesystem', 'tiny']) {
      const file = run('find', at('repo'), '-name', `${name}-*.rpm`).trim()
      run('rpmsign', '--addsign', '--define', '_gpg_name test@ingot.example', '--define', '__gpg /usr/bin/gpg', file)
    }
    run('createrepo_c', '--quiet', at('repo'))
    server = await serveFolder(at('repo'))
  })
  afterAll(() => {
    server?.close()
    if (folder) spawnSync('gpgconf', ['--homedir', at('gpg'), '--kill', 'all'])
  })

  const from = (more: string) =>
    `{ dnf: tiny/1, packages: [tiny], repositories: [{ id: tiny, baseurl: "${server.url}", ${more} }] }`

  test('packages, their scripts and the database, the same each time and for ordinary users', async (context) => {
    const first = await build('first', from('gpgkey: key.asc'))
    expect(first.status, first.stderr).toBe(0)
    const date = /<timestamp>(\d+)/.exec(readFileSync(at('repo/repodata/repomd.xml'), 'utf8'))![1]
    expect(readFileSync(join(first.root, 'usr/made'), 'utf8').trim()).toBe(date)
    expect(
      run('find', join(first.root, 'var'), join(first.root, 'tmp'), '-name', '*dnf*', '-o', '-name', 'cache'),
    ).toBe('')
    await sleep(1100)
    const umask = process.umask(0o077)
    const second = await build('second', from('gpgkey: key.asc'))
    process.umask(umask)
    expect(second.status, second.stderr).toBe(0)
    const fingerprint = (said: string) => /store: tiny (\w+)/.exec(said)?.[1]
    expect(run('diff', '-r', '--no-dereference', first.root, second.root)).toBe('')
    expect(fingerprint(second.stderr)).toBe(fingerprint(first.stderr))
    const fetched = () => server.asked.filter((path) => path.endsWith('.rpm')).length
    const before = fetched()
    const anew = await ingot(['build', at('first.yaml'), '--home', at('home-first'), '--no-cache'])
    expect(anew.status, anew.stderr).toBe(0)
    expect(fingerprint(anew.stderr)).toBe(fingerprint(first.stderr))
    expect(fetched()).toBe(before)
    if (typeof user === 'string') return context.skip(user)
    const third = await build('user', from('gpgkey: key.asc'), user)
    expect(third.status, third.stderr).toBe(0)
    expect(fingerprint(third.stderr)).toBe(fingerprint(first.stderr))
    const packages = run(
      'rpm',
      '--root',
      first.root,
      '--dbpath',
      '/usr/lib/sysimage/rpm',
      '-qa',
      '--qf',
      '%{NAME} %{INSTALLTIME}\\n',
    )
    expect(packages).toMatch(new RegExp(`^tiny ${date}$`, 'm'))
  })

  test('packages that nobody signed, or somebody else, are not taken unless the recipe says so', async () => {
    run('gpg', '--batch', '--passphrase', '', '--quick-gen-key', 'other@ingot.example', 'rsa2048', 'sign', 'never')
    writeFileSync(at('other.asc'), run('gpg', '--armor', '--export', 'other@ingot.example'))
    const other = await build('other', from('gpgkey: other.asc'))
    expect(other.status, other.stderr).toBe(10)
    expect(other.stderr).toMatch(/GPG/)
    const unchecked = await build('unchecked', from('gpgcheck: false'))
    expect(unchecked.status, unchecked.stderr).toBe(0)
  })
})
