import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sandboxMissing } from '../test-root.ts'
import { stepTester } from './test-steps.ts'

const { doSteps, folder } = stepTester()

describe.skipIf(sandboxMissing)(`packages${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  /** An apt-get that writes down how it is called, and makes lists as `update` does. */
  const prepare = (root: string) => {
    const script =
      '#!/bin/sh\nwhile :; do case "$1" in -o) shift 2;; -*) shift;; *) break;; esac; done\necho "$@"\n' +
      'if [ "$1" = update ]; then mkdir -p /var/lib/apt/lists; touch /var/lib/apt/lists/x_Packages; fi\n'
    writeFileSync(join(root, 'usr/bin/apt-get'), script, { mode: 0o755 })
  }

  test('lists are fetched once, recommended packages are left out', async () => {
    const { lines } = await doSteps('  - packages: [sudo, less]\n  - packages: [vim]', prepare)
    expect(lines).toEqual([
      'update',
      'install --no-install-recommends -- sudo less',
      'install --no-install-recommends -- vim',
    ])
  })

  test('what was downloaded is there for the next build, and not in the image', async () => {
    const downloads = (root: string) => {
      const script = '#!/bin/sh\nls /var/cache/apt/archives; echo data > /var/cache/apt/archives/x_1_all.deb\n'
      writeFileSync(join(root, 'usr/bin/apt-get'), script, { mode: 0o755 })
      mkdirSync(join(root, 'var/lib/apt/lists'), { recursive: true })
      writeFileSync(join(root, 'var/lib/apt/lists/x_Packages'), '')
    }
    expect((await doSteps('  - packages: [x]', downloads)).lines).toEqual([])
    const { root, lines } = await doSteps('  - packages: [x]', downloads)
    expect(lines).toEqual(['x_1_all.deb'])
    expect(existsSync(join(root, 'var/cache'))).toBe(false)
    rmSync(join(folder, 'packages'), { recursive: true })
  })

  test('recommended packages and removals', async () => {
    const { lines } = await doSteps('  - packages: { install: [a], remove: [b, c], recommends: true }', prepare)
    expect(lines).toEqual(['update', 'install --install-recommends -- a', 'purge --auto-remove -- b c'])
    expect((await doSteps('  - packages: { remove: [b] }', prepare)).lines).toEqual(['purge --auto-remove -- b'])
  })

  test('an image without a package manager is told so, a failing one is named', async () => {
    await expect(doSteps('  - packages: [a]')).rejects.toThrow('there is no package manager in the image')
    const failing = (root: string) =>
      writeFileSync(join(root, 'usr/bin/apt-get'), '#!/bin/sh\nexit 100\n', { mode: 0o755 })
    await expect(doSteps('  - packages: [a]', failing)).rejects.toThrow('apt-get update failed with exit status 100')
  })

  /** A program that says how it was called, and then does what `script` says. */
  const manager = (root: string, path: string, script = '') => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `#!/bin/sh\necho \${0##*/} "$@"\n${script}`, { mode: 0o755 })
  }

  test('of several package managers that of the distribution is taken', async () => {
    const both = (os: string) => (root: string) => {
      for (const path of ['usr/bin/apt-get', 'usr/bin/dnf']) manager(root, path)
      writeFileSync(join(root, 'etc/os-release'), `ID=${os}\n`)
    }
    expect((await doSteps('  - packages: { remove: [a] }', both('fedora'))).lines[0]).toMatch(/^dnf /)
    expect((await doSteps('  - packages: { remove: [a] }', both('ubuntu'))).lines[0]).toMatch(/^apt-get /)
    expect((await doSteps('  - packages: { remove: [a] }', both('other'))).lines[0]).toMatch(/^apt-get /)
  })

  test('apk: lists once, packages kept for other builds and not in the image', async () => {
    const apk = (root: string) =>
      manager(
        root,
        'sbin/apk',
        'case "$2" in\nupdate) echo > /etc/apk/cache/APKINDEX.1.tar.gz;;\nadd) ls /etc/apk/cache; echo > /etc/apk/cache/less-1.abc.apk;;\nesac\n',
      )
    const steps = '  - packages: [less]\n  - packages: { install: [vim@edge], remove: [less] }'
    const { root, lines } = await doSteps(steps, apk)
    expect(lines).toEqual([
      'apk --no-progress update',
      'apk --no-progress add less',
      'APKINDEX.1.tar.gz',
      'apk --no-progress add vim@edge',
      'APKINDEX.1.tar.gz',
      'less-1.abc.apk',
      'apk --no-progress del --purge less',
    ])
    expect(existsSync(join(root, 'etc/apk'))).toBe(false)
    expect((await doSteps('  - packages: [less]', apk)).lines.at(-1)).toBe('less-1.abc.apk')
    rmSync(join(folder, 'packages'), { recursive: true })
  })

  test('a link that the image leaves in its cache leads nowhere on the host', async () => {
    const outside = join(folder, 'not-a-cache')
    mkdirSync(outside)
    const script = `cd /var/cache/dnf
case "$*" in
*one) mkdir -p lab/packages; echo > lab/packages/a.rpm;;
*two) mv lab/packages lab/old; ln -s ${outside} lab/packages;;
esac
`
    const steps = ['one', 'two', 'three'].map((name) => `  - packages: [${name}]`).join('\n')
    await doSteps(steps, (root) => manager(root, 'usr/bin/dnf', script))
    expect(readdirSync(join(folder, 'packages'))).toEqual(['\\var\\cache\\dnf\\lab\\packages\\a.rpm'])
    expect(readdirSync(outside)).toEqual([])
    rmSync(join(folder, 'packages'), { recursive: true })
  })

  test('apk: what it did not remove is a failure, which it does not tell', async () => {
    const apk = (root: string) => {
      manager(root, 'sbin/apk')
      mkdirSync(join(root, 'lib/apk/db'), { recursive: true })
      writeFileSync(join(root, 'lib/apk/db/installed'), 'P:musl\nV:1\n\n')
    }
    await expect(doSteps('  - packages: { remove: [musl, other] }', apk)).rejects.toThrow('apk del left musl, which')
  })

  test('the host’s proxies for apt are there for the step and gone after it', async () => {
    const config = join(folder, 'apt.conf')
    writeFileSync(config, 'Acquire::http::Proxy "http://proxy.example:3128";\nAPT::Get::Assume-No "true";\n')
    const before = process.env.APT_CONFIG
    process.env.APT_CONFIG = config
    try {
      const { root, lines } = await doSteps('  - run: cat $APT_CONFIG')
      expect(lines).toEqual(['Acquire::http::Proxy "http://proxy.example:3128";'])
      expect(existsSync(join(root, 'etc/apt'))).toBe(false)
    } finally {
      if (before === undefined) delete process.env.APT_CONFIG
      else process.env.APT_CONFIG = before
    }
  })
})
