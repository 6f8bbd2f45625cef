import { createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxMissing } from '../../src/build/test-root.ts'
import { ingot, type Outcome } from '../support/ingot.ts'
import { packageArchives } from '../support/package-archives.ts'
import { ownFolder } from '../support/store.ts'

// The real dnf, zypper and pacman, which Debian has packages of, with archives of this machine's own.

describe.skipIf(sandboxMissing)(`package managers${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  const folder = ownFolder('packages')
  const home = join(folder, 'home')
  const archives = join(folder, 'out/tools.root/srv')
  /** Paths that were asked for since it was last emptied. */
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = join(archives, request.url ?? '')
    asked.push(request.url ?? '')
    const found = statSync(path, { throwIfNoEntry: false })
    response.writeHead(found?.isFile() ? 200 : 404, found?.isFile() ? { 'content-length': found.size } : {})
    if (found?.isFile() && request.method === 'GET') createReadStream(path).pipe(response)
    else response.end()
  })
  /** The first two steps are the same for all. */
  const tools = `from: debootstrap:debian/bookworm\nclean: none\nsteps:${packageArchives}`
  let url = ''

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    mkdirSync(join(folder, 'tools'))
    writeFileSync(join(folder, 'tools/ingot.yaml'), `name: tools\noutputs: [dir]\n${tools}`)
    const { status, stderr } = await ingot(['build', join(folder, 'tools'), '--home', home, '-o', join(folder, 'out')])
    expect(status, stderr).toBe(0)
  })
  afterAll(() => void server.close())

  interface Build extends Outcome {
    readonly fingerprint: string | undefined
    /** Packages that were fetched from the archive. */
    readonly fetched: readonly string[]
  }

  async function build(name: string, rest: string): Promise<Build> {
    const recipe = join(folder, name)
    mkdirSync(recipe, { recursive: true })
    writeFileSync(join(recipe, 'ingot.yaml'), `name: ${name}\n${tools}${rest}`)
    asked.length = 0
    const outcome = await ingot(['build', recipe, '--home', home, '--no-cache-from', '3'])
    const fetched = asked.filter((path) => /\.rpm$|\.pkg\.tar\.gz$/.test(path)).map((path) => path.split('/').at(-1)!)
    return { ...outcome, fingerprint: /→ store: \S+ (\w+)/.exec(outcome.stderr)?.[1], fetched: fetched.sort() }
  }

  const file = (path: string, ...lines: readonly string[]) =>
    `  - write: { path: ${path}, content: ${JSON.stringify(`${lines.join('\n')}\n`)} }\n`

  /** Logs and caches, which cleaning takes away: they have times. */
  const forget = '  - remove: ["/var/log/*", "/var/cache/ldconfig*"]\n'
  const rpms = `
  - packages: { install: [Tool_One, other], recommends: true }
  - run: test -e /opt/weak
  - packages: { remove: [weak] }
tests:
  - run: { script: "rpm -qa | sort", expect: "Tool_One-1.2-3.noarch\\nneeded-1.2-3.noarch\\nother-1.2-3.noarch" }
`
  const rpmsOnce = `
  - packages: [Tool_One]
  - packages: { install: [other], remove: [Tool_One] }
${forget}tests:
  - run: { script: rpm -qa, expect: other-1.2-3.noarch }
  - run: { script: rpm -qa, user: nobody, expect: other-1.2-3.noarch }
  - run: "! ls -d /var/cache/CACHE/*"
`
  const everyRpm = ['Tool_One-1.2-3.noarch.rpm', 'needed-1.2-3.noarch.rpm', 'other-1.2-3.noarch.rpm']

  const dnf = (...more: readonly string[]) =>
    `${file('/etc/os-release', 'ID=fedora')}${file('/etc/rpm/macros', '%_dbpath /usr/lib/sysimage/rpm')}` +
    file('/etc/yum.repos.d/lab.repo', '[lab]', 'name=lab', `baseurl=${url}/rpm`, 'gpgcheck=0', ...more)
  const zypper = (...more: readonly string[]) =>
    `${file('/etc/os-release', 'ID="opensuse-leap"')}${file('/etc/rpm/macros', '%_dbpath /var/lib/rpm')}` +
    file('/etc/zypp/repos.d/lab.repo', '[lab]', `baseurl=${url}/rpm`, 'gpgcheck=0', 'enabled=1', ...more)
  const pacman = (...more: readonly string[]) =>
    `${file('/etc/os-release', 'ID=arch')}` +
    file('/etc/pacman.conf', '[options]', 'SigLevel = Never', '[lab]', `Server = ${url}/pacman`, ...more)

  /** Puts something else in place of a kept package. */
  const damage = (cache: string, name: string) => {
    const pool = join(home, 'cache/packages')
    const found = readdirSync(pool).filter((one) => one.includes(cache) && one.endsWith(name))
    expect(found).toHaveLength(1)
    writeFileSync(join(pool, found[0]!), 'x'.repeat(5000))
  }

  test.each([
    ['dnf', dnf, 'dnf', 'fedora'],
    ['zypper', zypper, 'zypp', 'opensuse-leap'],
  ] as const)(
    '%s: installs and removes; packages are fetched once, and the same image comes out',
    async (name, steps, cache, vendor) => {
      const recipe = `${steps()}${rpmsOnce.replace('CACHE', cache)}`
      const first = await build(name, recipe)
      expect(first.status, first.stderr).toBe(0)
      expect(first.fetched).toEqual(everyRpm)
      damage(cache, 'needed-1.2-3.noarch.rpm')
      const again = await build(name, recipe)
      expect(again.status, again.stderr).toBe(0)
      expect(again.fetched).toEqual(['needed-1.2-3.noarch.rpm'])
      expect(again.fingerprint).toBe(first.fingerprint)
      expect(await purls(name, 'rpm')).toEqual([`pkg:rpm/${vendor}/other@1.2-3?arch=noarch`])
      const weak = await build(`${name}-weak`, `${steps()}${rpms}`)
      expect(weak.status, weak.stderr).toBe(0)
      expect(weak.fetched).toEqual(['weak-1.2-3.noarch.rpm'])
    },
  )

  /** What an SBOM has of one kind of package. */
  async function purls(image: string, type: string): Promise<readonly string[]> {
    const { stdout, stderr } = await ingot(['image', 'sbom', image, '--home', home])
    expect(stderr).toBe('')
    const { components } = JSON.parse(stdout.toString()) as { components: { purl?: string }[] }
    return components.flatMap(({ purl }) =>
      purl?.startsWith(`pkg:${type}/`) ? [purl.replace(/&?distro=[^&]+/, '')] : [],
    )
  }

  test.each([
    ['dnf', dnf, ['[gone]', 'name=gone', 'baseurl=http://127.0.0.1:1/', 'gpgcheck=0', 'skip_if_unavailable=1']],
    ['zypper', zypper, ['[gone]', 'baseurl=http://127.0.0.1:1/', 'gpgcheck=0', 'enabled=1']],
    ['pacman', pacman, ['[gone]', 'Server = http://127.0.0.1:1/']],
  ] as const)(
    '%s: an archive that cannot be reached, and a package that is not there, are failures',
    async (name, steps, gone) => {
      const away = await build(`${name}-gone`, `${steps(...gone)}  - packages: [other]\n`)
      expect(away.status).not.toBe(0)
      expect(away.stderr).toMatch(
        new RegExp(`error: .*\\(packages: other\\): ${name} \\S+ failed with exit status \\d`),
      )
      const missing = await build(`${name}-gone`, `${steps()}  - packages: [missing]\n`)
      expect(missing.status).not.toBe(0)
      expect(missing.stderr).toMatch(/\(packages: missing\): .* failed with exit status/)
    },
  )

  test('pacman: the same', async () => {
    const recipe = `${pacman()}
  - packages: [tool_one]
  - packages: { install: [other], remove: [tool_one] }
${forget}tests:
  - run: { script: pacman -Q, matches: "^other 1.2-3$" }
  - file: { path: /opt/needed, exists: false }
  - file: { path: /var/lib/pacman/sync/lab.db, exists: false }
`
    const first = await build('pacman', recipe)
    expect(first.status, first.stderr).toBe(0)
    expect(first.fetched).toHaveLength(3)
    const again = await build('pacman', recipe)
    expect(again.status, again.stderr).toBe(0)
    expect([again.fetched, again.fingerprint]).toEqual([[], first.fingerprint])
    expect(await purls('pacman', 'alpm')).toEqual(['pkg:alpm/arch/other@1.2-3?arch=any'])
    // It refuses a damaged package, removes it, and fails; the next build does not find it any more.
    damage('pacman', 'needed-1.2-3-any.pkg.tar.gz')
    const damaged = await build('pacman', recipe)
    expect(damaged.stderr).toContain('invalid or corrupted package')
    const healed = await build('pacman', recipe)
    expect([healed.status, healed.fetched]).toEqual([0, ['needed-1.2-3-any.pkg.tar.gz']])
  })
})
