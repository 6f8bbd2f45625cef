import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { buildTester, treeOf } from './test-build.ts'
import { makeTinyRoot, sandboxMissing } from './test-root.ts'

const { build, folder, newHome } = buildTester()
afterEach(() => void vi.unstubAllEnvs())

describe.skipIf(sandboxMissing)(`buildRecipe${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  test('what is included, and features, have their files beside themselves', async () => {
    const files = {
      'inc/skel/included': 'i',
      'inc/hosts.tpl': 'h',
      'inc/more.yaml':
        'steps: [{ copy: { from: skel, to: /skel } }]\ntests: [{ run: { script: "test -e /t", bind: [{ from: skel, to: /t }] } }]\ntemplates: [{ target: /etc/hosts, file: hosts.tpl }]\n',
      'feat/a/own': 'f',
      'feat/a/feature.yaml': 'options: { to: /x }\nsteps: [{ copy: { from: own, to: "${{ to }}" } }]\n',
    }
    makeTinyRoot(join(folder, 'with-features'))
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    const text = 'name: a\nfrom: dir:with-features\ninclude: inc/more.yaml\nsteps: [{ ./feat/a: { to: /feature } }]\n'
    const { image } = await build(text)
    const tree = await treeOf(image)
    expect(tree.get('skel/included')?.content).toBe('i')
    expect(tree.get('feature')?.content).toBe('f')
    expect((await image.metadata()).templateFiles.get('hosts.tpl')?.toString()).toBe('h')
  })

  test('from scratch: the steps, and a time that does not move', async () => {
    const { image, home, events } = await build(`
name: tiny
from: scratch
architecture: arm64
steps:
  - write: { path: /etc/motd, content: hello }
config: { cmd: [/hello], env: { A: b } }
properties: { os: None }
`)
    const tree = await treeOf(image)
    expect([...tree.keys()]).toEqual(['', 'etc', 'etc/motd'])
    expect(tree.get('etc/motd')).toMatchObject({ content: 'hello', mode: 0o644, uid: 0, gid: 0 })
    expect(new Set([...tree.values()].map((entry) => entry.mtime))).toEqual(new Set([315_532_800n * 1_000_000_000n]))
    expect(tree.get('')).toMatchObject({ mode: 0o755 })
    expect(image.names).toEqual(['tiny'])
    expect(await image.metadata()).toMatchObject({
      architecture: 'aarch64',
      created: 315_532_800,
      properties: { os: 'None', name: 'tiny', architecture: 'arm64', serial: '19800101_00:00' },
      run: { cmd: ['/hello'], env: ['A=b'] },
    })
    expect(events.filter((event) => event.type === 'start').map((event) => event.title)).toEqual([
      'scratch',
      'write: /etc/motd',
    ])
    await image.dispose()
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
    expect(readFileSync(image.log, 'utf8')).toContain('==> 1/1 write: /etc/motd')
  })

  test('SOURCE_DATE_EPOCH is the ceiling', async () => {
    vi.stubEnv('SOURCE_DATE_EPOCH', '1234567890')
    const { image } = await build('name: a\nfrom: scratch\n')
    expect(image.epoch).toBe(1_234_567_890)
    expect(await image.metadata()).toMatchObject({ created: 1_234_567_890 })
    await image.dispose()
  })

  test('templates, by content and by file', async () => {
    writeFileSync(join(folder, 'hosts.tpl'), 'from a file')
    const { image } = await build(`
name: a
from: scratch
templates:
  - { target: /etc/hostname, content: "{{ instance.name }}\\n" }
  - { target: /etc/hosts, file: hosts.tpl, when: [start], create-only: true, properties: { k: v } }
  - { target: /other/hosts, content: x }
`)
    const { templates, templateFiles } = await image.metadata()
    expect(templates).toEqual([
      { target: '/etc/hostname', when: ['create', 'copy'], template: 'hostname.tpl' },
      { target: '/etc/hosts', when: ['start'], template: 'hosts.tpl', createOnly: true, properties: { k: 'v' } },
      { target: '/other/hosts', when: ['create', 'copy'], template: 'hosts-2.tpl' },
    ])
    expect(templateFiles.get('hostname.tpl')?.toString()).toBe('{{ instance.name }}\n')
    expect(templateFiles.get('hosts.tpl')?.toString()).toBe('from a file')
    expect(templateFiles.get('hosts-2.tpl')?.toString()).toBe('x')
    await image.dispose()
  })

  test('a failing step says where, what, how, and leaves nothing but its log', async () => {
    const source = join(folder, 'failing')
    mkdirSync(source)
    makeTinyRoot(source)
    const home = newHome()
    const text =
      'name: a\nfrom: dir:failing\nsteps:\n  - run: echo fine\n  - run: |\n      echo bad news\n      exit 3\n'
    const error = await build(text, home).catch((error: unknown) => error)
    expect(error).toMatchObject({
      code: 'command-failed',
      message: `${folder}/ingot.yaml:5: step 2 (run: echo bad news …): the script failed with exit status 3:\n  bad news`,
    })
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
    const [log] = readdirSync(join(home, 'logs'))
    expect(readFileSync(join(home, 'logs', log!), 'utf8')).toMatch(/bad news\nfailed: the script failed/)
    expect((error as { hint: string }).hint).toContain(join(home, 'logs', log!))
  })

  test('stopped by a signal: no process and no folder is left', async () => {
    const source = join(folder, 'stopped')
    mkdirSync(source)
    makeTinyRoot(source)
    const home = newHome()
    const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
    const text = 'name: a\nfrom: dir:stopped\nsteps:\n  - run: "echo begun; sleep 1000.5"\n'
    const program = `
      const { buildRecipe } = await import(${module('./build.ts')})
      const { parseRecipe } = await import(${module('../recipe/load.ts')})
      const { installSignalHandlers } = await import(${module('../host/temporary.ts')})
      installSignalHandlers()
      const recipe = parseRecipe(${JSON.stringify(text)}, ${JSON.stringify(join(folder, 'ingot.yaml'))})
      await buildRecipe(recipe, { home: ${JSON.stringify(home)}, onEvent: (e) => e.line === 'begun' && console.log('begun') })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    const [status] = (await once(child, 'exit')) as [number]
    expect(status).toBe(130)
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
    await vi.waitFor(() =>
      expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('sleep 1000.5'),
    )
  })
})

test.skipIf(process.getuid?.() !== 0)('an ordinary user is told that building needs root', async () => {
  const getuid = vi.spyOn(process, 'getuid').mockReturnValue(1000)
  try {
    await expect(build('name: a\nfrom: scratch\n')).rejects.toMatchObject({ code: 'unsupported' })
  } finally {
    getuid.mockRestore()
  }
})
