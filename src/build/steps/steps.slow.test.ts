import {
  chmodSync,
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
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRecipe } from '../../recipe/load.ts'
import { runInSandbox } from '../sandbox/sandbox.ts'
import { changeTree, makeTinyRoot, sandboxMissing, testFolder } from '../test-root.ts'
import { bindStep } from './registry.ts'

const folder = testFolder()
const epoch = 1_700_000_000
let roots = 0

interface Done {
  readonly root: string
  readonly lines: readonly string[]
}

/** Does the steps of a recipe text, each line of `steps` indented by two, on a new tiny root. */
async function doSteps(steps: string, prepare: (root: string, recipes: string) => void = () => {}): Promise<Done> {
  const top = join(folder, String(++roots))
  const [root, recipeFolder, work] = [join(top, 'root'), join(top, 'recipe'), join(top, 'work')]
  for (const path of [top, root, recipeFolder, work]) mkdirSync(path)
  mkdirSync(join(folder, 'packages'), { recursive: true })
  makeTinyRoot(root)
  prepare(root, recipeFolder)
  const lines: string[] = []
  const onLine = (line: string) => lines.push(line)
  await changeTree(root, work, async (stack) => {
    for (const step of parseRecipe(`name: a\nfrom: scratch\nsteps:\n${steps}\n`, 'r.yaml').steps) {
      await bindStep(step).apply({
        root: stack.root,
        recipeFolder,
        caches: join(folder, 'caches'),
        packages: join(folder, 'packages'),
        work,
        epoch,
        sandbox: async (job) => await runInSandbox({ onLine, ...job, stack, work, epoch }),
        say: onLine,
      })
    }
  })
  return { root, lines }
}

/** Mode, owner and time of a path. */
function facts(root: string, path: string): readonly unknown[] {
  const { mode, uid, gid, mtimeMs } = lstatSync(join(root, path))
  return [(mode & 0o7777).toString(8), uid, gid, mtimeMs / 1000]
}

describe.skipIf(process.getuid?.() !== 0)('write (needs root)', () => {
  test('makes the file and the folders above it', async () => {
    const { root } = await doSteps('  - write: { path: /srv/a/b, content: "grüße\\n" }')
    expect(readFileSync(join(root, 'srv/a/b'), 'utf8')).toBe('grüße\n')
    expect(facts(root, 'srv/a/b')).toEqual(['644', 0, 0, epoch])
    expect(facts(root, 'srv/a').slice(0, 3)).toEqual(['755', 0, 0])
  })

  test('a template has its variables filled in; without one nothing is', async () => {
    const text = 'room ${{ room }}, ${{ seats }} seats, for ${{ who }}\\n${HOME} $$\\n'
    const { root } = await doSteps(
      `  - write: { path: /a, content: "${text}", template: { room: A, seats: 12, who: [b, c] } }\n  - write: { path: /b, content: "${text}" }`,
    )
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('room A, 12 seats, for b c\n${HOME} $$\n')
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe(text.replaceAll('\\n', '\n'))
    const wrong = doSteps('  - write: { path: /a, content: "x\\n${{ roam }}", template: { room: A } }')
    await expect(wrong).rejects.toThrow('line 2: there is no roam (did you mean "room"?)')
  })

  test('mode and owner, setuid too', async () => {
    const { root } = await doSteps('  - write: { path: /a, content: x, mode: "4750", owner: "lab:video" }')
    expect(facts(root, 'a')).toEqual(['4750', 1000, 44, epoch])
  })

  test('replaces files and links, not folders; links on the way stay inside the image', async () => {
    const outside = join(folder, 'outside')
    mkdirSync(outside)
    const { root } = await doSteps(
      '  - write: { path: /etc/link, content: new }\n  - write: { path: /evil/file, content: new }',
      (root) => {
        symlinkSync('/etc/passwd', join(root, 'etc/link'))
        symlinkSync(outside, join(root, 'evil'))
      },
    )
    expect(readFileSync(join(root, 'etc/link'), 'utf8')).toBe('new')
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).not.toBe('new')
    expect(readdirSync(outside)).toEqual([])
    expect(readFileSync(join(root, outside, 'file'), 'utf8')).toBe('new')
    await expect(doSteps('  - write: { path: /etc, content: x }')).rejects.toThrow('a directory is there')
  })
})

describe.skipIf(process.getuid?.() !== 0)('copy (needs root)', () => {
  const prepare = (_: string, recipes: string) => {
    mkdirSync(join(recipes, 'skel/bin'), { recursive: true, mode: 0o700 })
    writeFileSync(join(recipes, 'skel/.profile'), 'p', { mode: 0o600 })
    writeFileSync(join(recipes, 'skel/bin/tool'), 't', { mode: 0o700 })
    symlinkSync('bin/tool', join(recipes, 'skel/link'))
    writeFileSync(join(recipes, 'single'), 's')
  }

  test('templates: texts have their variables filled in, other files stay as they are', async () => {
    const binary = Buffer.from([0xff, 0xfe, ...Buffer.from('${{ name }}')])
    const prepare = (_: string, recipes: string) => {
      mkdirSync(join(recipes, 'etc'))
      writeFileSync(join(recipes, 'etc/motd'), 'Welcome to ${{ name }}.\n')
      writeFileSync(join(recipes, 'etc/binary'), binary)
      writeFileSync(join(recipes, 'wrong'), 'a\n${{ nam }}\n')
    }
    const { root } = await doSteps('  - copy: { from: etc, to: /etc, template: { name: the lab } }', prepare)
    expect(readFileSync(join(root, 'etc/motd'), 'utf8')).toBe('Welcome to the lab.\n')
    expect(readFileSync(join(root, 'etc/binary')).equals(binary)).toBe(true)
    const wrong = doSteps('  - copy: { from: wrong, to: /etc/, template: { name: lab } }', prepare)
    await expect(wrong).rejects.toThrow(/\/recipe\/wrong: line 2: there is no nam/)
  })

  test('a folder’s content, without the marks of a checkout', async () => {
    const { root } = await doSteps('  - copy: { from: skel/, to: /etc/skel/ }', prepare)
    expect(facts(root, 'etc/skel/.profile')).toEqual(['644', 0, 0, epoch])
    expect(facts(root, 'etc/skel/bin/tool')).toEqual(['755', 0, 0, epoch])
    expect(facts(root, 'etc/skel/bin').slice(0, 3)).toEqual(['755', 0, 0])
    expect(readlinkSync(join(root, 'etc/skel/link'))).toBe('bin/tool')
    expect(facts(root, 'etc/skel/link').slice(1)).toEqual([0, 0, epoch])
  })

  test('owner and mode', async () => {
    const { root } = await doSteps('  - copy: { from: skel, to: /home/lab, owner: lab, mode: "0640" }', prepare)
    expect(facts(root, 'home/lab/bin/tool')).toEqual(['640', 1000, 1001, epoch])
    expect(facts(root, 'home/lab/bin').slice(0, 3)).toEqual(['750', 1000, 1001])
  })

  test('a file to a name, and into a folder', async () => {
    const { root } = await doSteps(
      '  - copy: { from: single, to: /etc/name }\n  - copy: { from: single, to: /new/folder/ }',
      prepare,
    )
    expect(readFileSync(join(root, 'etc/name'), 'utf8')).toBe('s')
    expect(readFileSync(join(root, 'new/folder/single'), 'utf8')).toBe('s')
  })

  test('folders that are there keep their mode', async () => {
    const { root } = await doSteps('  - copy: { from: skel, to: /tmp }', (root, recipes) => {
      prepare(root, recipes)
      chmodSync(join(root, 'tmp'), 0o1777)
    })
    expect(facts(root, 'tmp')[0]).toBe('1777')
  })

  test('nothing from outside the recipe’s folder, not through links either', async () => {
    const outside = 'it is outside the folder of the recipe'
    await expect(doSteps('  - copy: { from: ../root, to: /x }', prepare)).rejects.toThrow(outside)
    await expect(doSteps('  - copy: { from: /etc/passwd, to: /x }', prepare)).rejects.toThrow(outside)
    const link = (_: string, recipes: string) => symlinkSync('/etc', join(recipes, 'link'))
    await expect(doSteps('  - copy: { from: link/passwd, to: /x }', link)).rejects.toThrow(outside)
    await expect(doSteps('  - copy: { from: missing, to: /x }', prepare)).rejects.toThrow('there is no missing')
  })
})

describe.skipIf(sandboxMissing)(`run${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  test('a script changes the image, and stops at the first failure', async () => {
    const { root } = await doSteps('  - run: |\n      echo one > /one\n      pwd > /pwd')
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('one\n')
    expect(readFileSync(join(root, 'pwd'), 'utf8')).toBe('/\n')
    const failing = doSteps('  - run: |\n      ls /missing\n      echo not reached')
    await expect(failing).rejects.toThrow(/the script failed with exit status 2/)
  })

  test('interpreter, environment, working directory', async () => {
    const run = '{ script: "echo $A", interpreter: [/bin/sh, -u], env: { A: "1 2" }, workdir: /var }'
    expect((await doSteps(`  - run: ${run}`)).lines).toEqual(['1 2'])
    await expect(doSteps('  - run: { script: "echo $B", interpreter: /bin/sh -u }')).rejects.toThrow('exit status 2')
  })

  test('as a user of the image, with its groups and home', async () => {
    const script = 'id -u; id -g; id -G; echo $HOME $USER; touch /tmp/mine'
    const { root, lines } = await doSteps(`  - run: { script: "${script}", user: lab }`, (root) =>
      chmodSync(join(root, 'tmp'), 0o1777),
    )
    expect(lines).toEqual(['1000', '1001', '1001 29 44', '/home/lab lab'])
    expect(lstatSync(join(root, 'tmp/mine'))).toMatchObject({ uid: 1000, gid: 1001 })
    await expect(doSteps('  - run: { script: id, user: missing }')).rejects.toThrow('no user "missing"')
  })
})

describe.skipIf(sandboxMissing)(
  `what a script may have${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`,
  () => {
    test('no network', async () => {
      const { lines } = await doSteps(
        '  - run: { script: "cat /proc/net/dev; cat /etc/resolv.conf > /dev/null", network: none }',
      )
      const devices = lines.flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? [])
      expect(devices).toEqual(['lo'])
    })

    test('folders that are kept between builds and not in the image, of each user its own', async () => {
      const keep = (script: string, user = 'root') =>
        doSteps(`  - run: { script: ${JSON.stringify(script)}, caches: [/root/.cache/tool, /var], user: ${user} }`)
      const { root } = await keep('echo kept > /root/.cache/tool/a; touch /var/b; touch /made')
      expect(existsSync(join(root, 'root/.cache'))).toBe(false)
      expect(readdirSync(join(root, 'var'))).toEqual([])
      expect(existsSync(join(root, 'made'))).toBe(true)
      expect((await keep('cat /root/.cache/tool/a; ls /var')).lines).toEqual(['kept', 'b'])
      expect((await keep('ls /var; touch /var/own', 'lab')).lines).toEqual([])
      expect((await keep('ls /var', 'lab')).lines).toEqual(['own'])
    })

    test('secrets are there for the script, and neither in the image nor in the log', async () => {
      process.env.TEST_SECRET = 'correct horse\nbattery staple'
      try {
        const { root, lines } = await doSteps(
          '  - run: { script: "cat /run/secrets/*; stat -c %a:%u /run/secrets/a; id -u", secrets: [{ id: a, env: TEST_SECRET }, { id: b, file: token }], user: lab }',
          (_, recipes) => writeFileSync(join(recipes, 'token'), 'of-a-file\n'),
        )
        // The last line of the first has no end.
        expect(lines).toEqual(['***', '******', '400:1000', '1000'])
        expect(existsSync(join(root, 'run/secrets'))).toBe(false)
      } finally {
        delete process.env.TEST_SECRET
      }
      const missing = doSteps('  - run: { script: "true", secrets: [{ id: a, env: TEST_SECRET }] }')
      await expect(missing).rejects.toThrow('the secret a is wanted from the variable TEST_SECRET, which is not set')
    })

    test('files and folders of the recipe, for reading only', async () => {
      const { root, lines } = await doSteps(
        '  - run: { script: "cat /src/a /etc/one/file; touch /src/b 2>/dev/null || echo refused", bind: [{ from: src, to: /src }, { from: src/a, to: /etc/one/file }] }',
        (_, recipes) => {
          mkdirSync(join(recipes, 'src'))
          writeFileSync(join(recipes, 'src/a'), 'text\n')
        },
      )
      expect(lines).toEqual(['text', 'text', 'refused'])
      expect(existsSync(join(root, 'src'))).toBe(false)
      expect(existsSync(join(root, 'etc/one'))).toBe(false)
      await expect(doSteps('  - run: { script: "true", bind: [{ from: ../.., to: /src }] }')).rejects.toThrow('outside')
    })
  },
)

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

const augeasMissing = sandboxMissing ?? (existsSync('/usr/bin/augtool') ? undefined : 'needs augtool (augeas-tools)')

describe.skipIf(augeasMissing)(`augeas${augeasMissing ? ` (skipped: ${augeasMissing})` : ''}`, () => {
  const augeas = (...commands: readonly string[]) => `  - augeas: ${JSON.stringify(commands)}`
  const noRoot = 'set /files/etc/ssh/sshd_config/PermitRootLogin no'

  test('changes files, and makes new ones; what links lead to is changed, and nothing is left beside it', async () => {
    const steps = augeas(noRoot, 'set /files/etc/hosts/1/alias lab', 'set /files/etc/hostname/hostname lab')
    const { root } = await doSteps(steps, (root) => {
      mkdirSync(join(root, 'etc/ssh'))
      writeFileSync(join(root, 'etc/ssh/sshd_config'), '# kept\nPermitRootLogin yes\n', { mode: 0o600 })
      writeFileSync(join(root, 'srv-hosts'), '127.0.0.1 localhost\n')
      symlinkSync('/srv-hosts', join(root, 'etc/hosts'))
    })
    expect(readFileSync(join(root, 'etc/ssh/sshd_config'), 'utf8')).toBe('# kept\nPermitRootLogin no\n')
    expect(facts(root, 'etc/ssh/sshd_config').slice(0, 3)).toEqual(['600', 0, 0])
    expect(readlinkSync(join(root, 'etc/hosts'))).toBe('/srv-hosts')
    expect(readFileSync(join(root, 'srv-hosts'), 'utf8')).toBe('127.0.0.1 localhost lab\n')
    expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('lab\n')
    expect(facts(root, 'etc/hostname').slice(0, 3)).toEqual(['644', 0, 0])
    expect(readdirSync(join(root, 'etc')).sort()).toEqual(['group', 'hostname', 'hosts', 'passwd', 'ssh'])
    expect(readdirSync(join(root, 'etc/ssh'))).toEqual(['sshd_config'])
  })

  test('a link of the image to a file of the host changes nothing there', async () => {
    const outside = join(folder, 'hosts-of-the-host')
    writeFileSync(outside, '127.0.0.1 localhost\n')
    const hostile = (root: string) => symlinkSync(outside, join(root, 'etc/hosts'))
    await doSteps(augeas('set /files/etc/hosts/01/ipaddr 6.6.6.6', 'set /files/etc/hosts/01/canonical evil'), hostile)
    await expect(doSteps(augeas('set /files/etc/hosts/1/alias evil'), hostile)).rejects.toThrow()
    expect(readFileSync(outside, 'utf8')).toBe('127.0.0.1 localhost\n')
    expect(readdirSync(folder).filter((name) => name.includes('.aug'))).toEqual([])
  })

  test.each([
    ['a path that is none', ['set /files/etc/hosts[ x', noRoot], 'failed at "set /files/etc/hosts[ x"'],
    ['a move of nothing', [noRoot, 'mv /files/none /files/there'], 'failed at "mv /files/none /files/there"'],
    ['an unknown lens', ['transform None.lns incl /etc/motd', 'load', noRoot], 'Can not find lens None.lns'],
    [
      'a file that no lens is for',
      [noRoot, 'set /files/etc/none.such/a 1'],
      'has not saved /files/etc/none.such/a: no lens',
    ],
    ['a path that is no file’s', ['set /etc/hosts/1/alias x'], 'begin with /files ("set /etc/hosts/1/alias x")'],
    [
      'what is not whole',
      ['set /files/etc/fstab/1/spec x'],
      'could not save /etc/fstab ("set /files/etc/fstab/1/spec x")',
    ],
    [
      'a file that cannot be read',
      ['set /files/etc/hosts/1/alias x'],
      'could not save /etc/hosts ("set /files/etc/hosts/1/alias x")',
    ],
  ])('%s is a failure, and named', async (_, commands, message) => {
    const broken = (root: string) => {
      writeFileSync(join(root, 'etc/hosts'), 'not an address\n???\n')
      writeFileSync(join(root, 'etc/resolv.conf'), '???\n') // what nobody touches may be as it likes
      mkdirSync(join(root, 'etc/ssh'))
    }
    await expect(doSteps(augeas(...commands), broken)).rejects.toThrow(message)
  })

  test('what a command shows is in the log; lenses may be the recipe’s own', async () => {
    const lens = `module Lab =
autoload xfm
let lns = [ key "lab" . del "=" "=" . store /[a-z]+/ . del "\\n" "\\n" ]
let xfm = transform lns (incl "/etc/lab")
`
    const steps = '  - augeas: { commands: [get /files/etc/lab/lab, set /files/etc/lab/lab new], lenses: lenses }'
    const { root, lines } = await doSteps(steps, (root, recipes) => {
      mkdirSync(join(recipes, 'lenses'))
      writeFileSync(join(recipes, 'lenses/lab.aug'), lens)
      writeFileSync(join(root, 'etc/lab'), 'lab=old\n')
    })
    expect(lines).toEqual(['/files/etc/lab/lab = old'])
    expect(readFileSync(join(root, 'etc/lab'), 'utf8')).toBe('lab=new\n')
  })
})

describe.skipIf(process.getuid?.() !== 0)('small steps (needs root)', () => {
  test('symlink: made, and in place of what was there', async () => {
    const { root } = await doSteps('  - symlink: { path: /etc/passwd, target: ../elsewhere }')
    expect(readlinkSync(join(root, 'etc/passwd'))).toBe('../elsewhere')
    expect(facts(root, 'etc/passwd')[3]).toBe(epoch)
  })

  test('remove: trees and patterns; links are removed, not what they lead to, and lead on only before', async () => {
    const outside = join(folder, 'kept')
    mkdirSync(outside)
    writeFileSync(join(outside, 'a.txt'), '')
    const { root } = await doSteps(
      '  - remove: /tree\n  - remove: [/etc/link, "/etc/x-*.conf", "/none/*", /to/a.txt]',
      (root) => {
        mkdirSync(join(root, 'tree/sub'), { recursive: true })
        mkdirSync(join(root, 'real'))
        for (const name of ['x-1.conf', 'x-2.conf', 'y.conf']) writeFileSync(join(root, 'etc', name), '')
        for (const name of ['a.txt', 'b.txt']) writeFileSync(join(root, 'real', name), '')
        symlinkSync('/real', join(root, 'to'))
        symlinkSync(outside, join(root, 'etc/link'))
      },
    )
    expect(existsSync(join(root, 'tree'))).toBe(false)
    expect(readdirSync(join(root, 'etc')).sort()).toEqual(['group', 'passwd', 'y.conf'])
    expect(readdirSync(join(root, 'real'))).toEqual(['b.txt'])
    expect(readdirSync(outside)).toEqual(['a.txt'])
    await expect(doSteps('  - remove: /typo')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('hostname: both files, and the second only where it is', async () => {
    const { root } = await doSteps('  - hostname: box\n  - hostname: lab.example.org', (root) => {
      writeFileSync(join(root, 'etc/hosts'), '127.0.0.1\tlocalhost')
    })
    expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('lab.example.org\n')
    expect(readFileSync(join(root, 'etc/hosts'), 'utf8')).toBe('127.0.0.1\tlocalhost\n127.0.1.1\tlab.example.org lab\n')
    const other = await doSteps('  - hostname: box')
    expect(existsSync(join(other.root, 'etc/hosts'))).toBe(false)
  })

  test('timezone: only one that the image has', async () => {
    const { root } = await doSteps('  - timezone: Europe/Berlin', (root) => {
      mkdirSync(join(root, 'usr/share/zoneinfo/Europe'), { recursive: true })
      writeFileSync(join(root, 'usr/share/zoneinfo/Europe/Berlin'), '')
    })
    expect(readlinkSync(join(root, 'etc/localtime'))).toBe('/usr/share/zoneinfo/Europe/Berlin')
    await expect(doSteps('  - timezone: Europe/Berlin')).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('tzdata'),
    })
  })

  test.each(['user: lab', 'group: lab', 'enable: x', 'mask: x'])('%s: the image must have the tool', async (step) => {
    await expect(doSteps(`  - ${step}`)).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('step'),
    })
  })

  test('capabilities: of a file that must be there', async () => {
    await expect(doSteps('  - capabilities: { path: /none, set: cap_net_raw+ep }')).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
