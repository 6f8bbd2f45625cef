import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxMissing } from '../../src/build/test-root.ts'
import { type FileServer, serveFolder } from '../support/file-server.ts'
import { ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

// Bootstraps of other distributions, and of a moment that is gone: from an archive made here of Debian's packages under another name,
// signed with a key of this test's own.

const missing = ['mmdebstrap', 'gpg', 'dpkg-deb'].filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status)
const why = sandboxMissing ?? (missing.length > 0 ? `needs ${missing.join(', ')}` : undefined)

let folder: string
let server: FileServer
let url: string

const moment = '20250102T030405Z'
const date = 'Wed, 01 Jan 2025 01:02:03 UTC'

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, GNUPGHOME: join(folder, 'gpg') } })
}

/** A stanza of Packages (Debian wiki, RepositoryFormat). */
function stanza(pool: string, name: string): string {
  const content = readFileSync(join(pool, name))
  const sum = createHash('sha256').update(content).digest('hex')
  return `${run('dpkg-deb', '-f', join(pool, name)).trimEnd()}\nFilename: pool/${name}\nSize: ${content.length}\nSHA256: ${sum}\n`
}

/** An archive of what a bootstrap has downloaded, with the Release file of `suite` that has long expired. */
function makeArchive(pool: string, root: string, suite: string): void {
  const dist = join(root, 'dists', suite)
  mkdirSync(join(dist, 'main/binary-amd64'), { recursive: true })
  mkdirSync(join(root, 'pool'))
  const names = readdirSync(pool).filter((name) => name.endsWith('.deb'))
  for (const name of names) writeFileSync(join(root, 'pool', name), readFileSync(join(pool, name)))
  const packages = names.map((name) => stanza(join(root, 'pool'), name)).join('\n')
  writeFileSync(join(dist, 'main/binary-amd64/Packages'), packages)
  const sum = createHash('sha256').update(packages).digest('hex')
  const fields = [
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${date}`,
    'Valid-Until: Thu, 02 Jan 2025 01:02:03 UTC',
  ]
  const sums = `SHA256:\n ${sum} ${Buffer.byteLength(packages)} main/binary-amd64/Packages`
  writeFileSync(join(dist, 'Release'), [...fields, 'Architectures: amd64', 'Components: main', sums, ''].join('\n'))
  run('gpg', '--batch', '--clearsign', '--output', join(dist, 'InRelease'), join(dist, 'Release'))
}

async function build(name: string, from: string, home = join(folder, name)) {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, `name: ${name}\nfrom: ${from}\narchitecture: amd64\n`)
  const out = join(folder, `out-${name}`)
  return {
    ...(await ingot(['build', path, '--home', home, '-o', out, '--to', 'dir', '--force'])),
    out: join(out, `${name}.root`),
  }
}

describe.skipIf(why)(`debootstrap: bases${why ? ` (skipped: ${why})` : ''}`, () => {
  beforeAll(async () => {
    folder = ownFolder('debootstrap')
    mkdirSync(join(folder, 'gpg'), { mode: 0o700 })
    run('gpg', '--batch', '--passphrase', '', '--quick-gen-key', 'test@ingot.example', 'ed25519', 'sign', 'never')
    run('gpg', '--batch', '--output', join(folder, 'key.gpg'), '--export')
    const first = await build('debian', '{ debootstrap: debian/bookworm, variant: essential }')
    expect(first.status, first.stderr).toBe(0)
    makeArchive(join(folder, 'debian/cache/packages'), join(folder, 'served/ubuntu', moment), 'noble')
    server = await serveFolder(join(folder, 'served'))
    url = `${server.url}/ubuntu`
  })
  afterAll(() => {
    server?.close()
    if (folder) spawnSync('gpgconf', ['--homedir', join(folder, 'gpg'), '--kill', 'all'])
  })

  const choices = () => `variant: essential, mirror: "${url}", components: [main]`

  test('a snapshot of a suite of Ubuntu, in which all times are the archive’s', async () => {
    const from = `{ debootstrap: ubuntu/noble, snapshot: "2025-01-02T03:04:05Z", keyring: key.gpg, ${choices()} }`
    const { status, stderr, out } = await build('noble', from)
    expect(status, stderr).toBe(0)
    expect(stderr).toContain(`debootstrap ubuntu/noble of ${moment}`)
    expect(server.asked).toContain(`/ubuntu/${moment}/dists/noble/InRelease`)
    expect(readFileSync(join(out, 'etc/apt/sources.list'), 'utf8').trim()).toBe(
      `deb [check-valid-until=no] ${url}/${moment} noble main`,
    )
    const newest = run('find', out, '-newermt', date.replace('Wed, ', ''))
    expect(newest).toBe('')
  })

  test('other keys than those that signed it are not taken', async () => {
    const from = `{ debootstrap: ubuntu/noble, snapshot: "${moment}", keyring: /usr/share/keyrings/debian-archive-keyring.gpg, ${choices()} }`
    const { status, stderr } = await build('unsigned', from)
    expect(status).toBe(10)
    expect(stderr).toContain('NO_PUBKEY')
  })

  test.skipIf(existsSync('/usr/share/keyrings/devuan-archive-keyring.gpg'))(
    'keys that are not here are told',
    async () => {
      const { status, stderr } = await build('devuan', 'debootstrap:devuan/daedalus')
      expect(status).toBe(9)
      expect(stderr).toMatch(/keys of devuan's archive are not here.*\nhint: .*devuan-keyring/)
    },
  )
})
