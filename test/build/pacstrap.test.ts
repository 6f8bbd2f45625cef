import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { buildBase } from '../support/build-base.ts'
import { type FileServer, serveFolder } from '../support/file-server.ts'
import { ingot } from '../support/ingot.ts'
import { makeOrdinaryUser, type OrdinaryUser } from '../support/ordinary-user.ts'
import { ownFolder } from '../support/store.ts'

// pacman's packages as a base, from a repository with a tiny one that is made here.

const missing = ['pacman', 'makepkg', 'gpg', 'zstd'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status,
)
const why = sandboxMissing ?? (missing.length > 0 ? `needs ${missing.join(', ')}` : undefined)
const user = why ?? makeOrdinaryUser()

let folder: string
let server: FileServer
const at = (...names: string[]) => join(folder, ...names)
const built = 1_700_000_000

function run(program: string, ...args: string[]): string {
  const env = { ...process.env, GNUPGHOME: at('gpg') }
  return execFileSync(program, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function addKey(name: string): void {
  run('gpg', '--batch', '--passphrase', '', '--quick-gen-key', `${name}@ingot.example`, 'ed25519', 'sign', 'never')
  run('gpg', '--output', at(`${name}.gpg`), '--export', `${name}@ingot.example`)
}

/** A package (PKGBUILD(5), makepkg(8)) and the list of a repository that has it, as repo-add(8) writes it. */
function makeRepository(): void {
  const [tree, repo] = [at('tree'), at('served/tiny')]
  for (const path of [tree, repo]) mkdirSync(path, { recursive: true })
  makeTinyRoot(tree)
  for (const path of ['dev', 'proc']) run('rmdir', join(tree, path))
  const about = ['pkgname = tiny', 'pkgver = 1-1', 'pkgdesc = tiny', `builddate = ${built}`, 'size = 1', 'arch = any']
  writeFileSync(join(tree, '.PKGINFO'), `${about.join('\n')}\n`)
  writeFileSync(
    join(tree, '.INSTALL'),
    'post_install() {\n  test -c /dev/null && echo $SOURCE_DATE_EPOCH > /srv-made\n}\n',
  )
  const file = join(repo, 'tiny-1-1-any.pkg.tar.zst')
  const names = ['.PKGINFO', '.INSTALL', ...readdirSync(tree).filter((name) => !name.startsWith('.'))]
  run('tar', '-C', tree, '--owner=0', '--group=0', '--zstd', '-cf', file, ...names)
  run('gpg', '--batch', '--local-user', 'test@ingot.example', '--detach-sign', file)
  const content = readFileSync(file)
  const fields = {
    FILENAME: 'tiny-1-1-any.pkg.tar.zst',
    NAME: 'tiny',
    VERSION: '1-1',
    CSIZE: content.length,
    SHA256SUM: createHash('sha256').update(content).digest('hex'),
    PGPSIG: readFileSync(`${file}.sig`).toString('base64'),
    ARCH: 'any',
    BUILDDATE: built,
  }
  mkdirSync(at('list/tiny-1-1'), { recursive: true })
  writeFileSync(
    at('list/tiny-1-1/desc'),
    Object.entries(fields)
      .map(([name, value]) => `%${name}%\n${value}\n\n`)
      .join(''),
  )
  run('tar', '-C', at('list'), '--gzip', '-cf', join(repo, 'tiny.db'), 'tiny-1-1')
}

async function build(name: string, more: string, as?: OrdinaryUser) {
  const from = `{ pacstrap: tiny, mirror: "${server.url}/$repo", repositories: [tiny], packages: [tiny], ${more} }`
  return await buildBase(folder, name, from, as)
}

describe.skipIf(why)(`pacstrap: bases${why ? ` (skipped: ${why})` : ''}`, () => {
  beforeAll(async () => {
    folder = ownFolder('pacstrap')
    chmodSync(folder, 0o755)
    mkdirSync(at('gpg'), { mode: 0o700 })
    addKey('test')
    addKey('other')
    makeRepository()
    server = await serveFolder(at('served'))
  })
  afterAll(() => {
    server?.close()
    if (folder) spawnSync('gpgconf', ['--homedir', at('gpg'), '--kill', 'all'])
  })

  test('packages, their scripts and the database, the same each time and for ordinary users', async (context) => {
    const first = await build('first', 'keyring: test.gpg')
    expect(first.status, first.stderr).toBe(0)
    expect(readFileSync(join(first.root, 'srv-made'), 'utf8').trim()).toBe(String(built))
    expect(readFileSync(join(first.root, 'var/lib/pacman/local/tiny-1-1/desc'), 'utf8')).toContain(
      `%INSTALLDATE%\n${built}\n`,
    )
    await sleep(1100)
    const umask = process.umask(0o077)
    const second = await build('second', 'keyring: test.gpg')
    process.umask(umask)
    expect(second.status, second.stderr).toBe(0)
    expect(run('diff', '-r', '--no-dereference', first.root, second.root)).toBe('')
    const fingerprint = (said: string) => /store: tiny (\w+)/.exec(said)?.[1]
    expect(fingerprint(first.stderr)).toMatch(/^\w{12}$/)
    expect(fingerprint(second.stderr)).toBe(fingerprint(first.stderr))
    const fetched = () => server.asked.filter((path) => /\.pkg\.tar/.test(path)).length
    const before = fetched()
    const anew = await ingot(['build', at('first.yaml'), '--home', at('home-first'), '--no-cache'])
    expect(anew.status, anew.stderr).toBe(0)
    expect(fingerprint(anew.stderr)).toBe(fingerprint(first.stderr))
    expect(fetched()).toBe(before)
    if (typeof user === 'string') return context.skip(user)
    const third = await build('user', 'keyring: test.gpg', user)
    expect(third.status, third.stderr).toBe(0)
    expect(fingerprint(third.stderr)).toBe(fingerprint(first.stderr))
  })

  test('packages that somebody else signed are not taken unless the recipe says so', async () => {
    const other = await build('other', 'keyring: other.gpg')
    expect(other.status, other.stderr).toBe(10)
    expect(other.stderr).toMatch(/signature|key/)
    const unchecked = await build('unchecked', 'signatures: false')
    expect(unchecked.status, unchecked.stderr).toBe(0)
  })
})
