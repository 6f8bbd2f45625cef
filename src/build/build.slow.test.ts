import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, lchownSync, lutimesSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { pour } from '../formats/pour.ts'
import type { Entry } from '../image/entry.ts'
import { collect } from '../image/stream.ts'
import { flatten } from '../layers/flatten.ts'
import { parseRecipe } from '../recipe/load.ts'
import { keepBuilt } from '../store/keep-built.ts'
import { openStore } from '../store/store.ts'
import { type BuildOptions, type BuiltImage, buildRecipe } from './build.ts'
import type { BuildEvent } from './events.ts'
import { makeTinyRoot, sandboxMissing, testFolder } from './test-root.ts'

const folder = testFolder()
let homes = 0
const images: BuiltImage[] = []

interface Built {
  readonly image: BuiltImage
  readonly home: string
  readonly events: readonly BuildEvent[]
}

function newHome(): string {
  return join(folder, `home-${++homes}`)
}

async function build(text: string, home = newHome(), more: Partial<BuildOptions> = {}): Promise<Built> {
  const events: BuildEvent[] = []
  const recipe = parseRecipe(text, join(folder, 'ingot.yaml'))
  const image = await buildRecipe(recipe, { home, onEvent: (event) => events.push(event), ...more })
  images.push(image)
  return { image, home, events }
}

/** Every entry of an image's tree by path, with its content. */
async function treeOf(image: BuiltImage): Promise<ReadonlyMap<string, Entry & { readonly content: string }>> {
  const tree = new Map<string, Entry & { readonly content: string }>()
  for await (const entry of flatten(image.layers).entries()) {
    tree.set(entry.path, { ...entry, content: (await collect(entry.body)).toString() })
  }
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))
}

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const image of images.splice(0)) await image.dispose()
})

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

  test('a base that was pinned is that and no other; one that is gone is an error', async () => {
    makeTinyRoot(join(folder, 'pinned-tree'))
    const home = newHome()
    const text = 'name: pinned\nfrom: dir:pinned-tree\n'
    const base = await build(text, home)
    const store = await openStore(home)
    const { fingerprint } = await keepBuilt(store, base.image, 'ingot.yaml')
    store.close()
    const files: Record<string, readonly [pinned: string, right: string]> = {}
    for (const [to, form] of [
      ['oci', 'oci'],
      ['oci-archive', 'oci-archive'],
      ['docker', 'docker-archive'],
      ['rootfs', 'rootfs'],
    ] as const) {
      const out = join(folder, `pinned-${to}`)
      const rendition = await pour([base.image], { to, out, warn: () => {} })
      const pin =
        rendition.digest && form.startsWith('oci')
          ? ['digest', rendition.digest]
          : ['sha256', rendition.files[0]!.sha256]
      files[form] = [`{ ${form}: ${out}, ${pin[0]}: "${pin[1]}" }`, pin[1]!]
    }
    files.image = [`{ image: pinned, fingerprint: ${fingerprint} }`, fingerprint]
    for (const [form, [from, right]] of Object.entries(files)) {
      await build(`name: on-it\nfrom: ${from}\n`, home)
      const other = right.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
      const wrong = build(`name: on-it\nfrom: ${from.replace(right, other)}\n`, home)
      await expect(wrong, form).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining('ingot.yaml: from'),
      })
      const gone = form === 'image' ? 'image:nothing' : `${form}:${folder}/nothing`
      await expect(build(`name: on-it\nfrom: ${gone}\n`, home), form).rejects.toMatchObject({ code: 'not-found' })
    }
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

  test('from a folder: owners stay, the newest file is the ceiling, and what steps touch is clamped to it', async () => {
    const source = join(folder, 'source')
    mkdirSync(source)
    makeTinyRoot(source)
    mkdirSync(join(source, 'var/log'))
    writeFileSync(join(source, 'var/log/messages'), 'x')
    writeFileSync(join(source, 'etc/os-release'), 'ID=tiny\nVERSION_ID="3"\nVERSION_CODENAME=wee\n')
    lchownSync(join(source, 'etc/os-release'), 7, 8)
    const files = readdirSync(source, { recursive: true }) as string[]
    for (const path of ['', ...files]) lutimesSync(join(source, path), 1_600_000_000, 1_600_000_000)
    lutimesSync(join(source, 'etc/passwd'), 1_600_000_100, 1_600_000_100)

    const { image } = await build('name: tiny/3\nfrom: dir:source\nsteps:\n  - run: echo new > /srv-file\n')
    expect(image.epoch).toBe(1_600_000_100)
    const tree = await treeOf(image)
    expect(tree.get('etc/os-release')).toMatchObject({ uid: 7, gid: 8, mtime: 1_600_000_000_000_000_000n })
    expect(tree.get('srv-file')).toMatchObject({ content: 'new\n', mtime: 1_600_000_100_000_000_000n })
    expect([...tree.values()].every((entry) => entry.mtime <= 1_600_000_100_000_000_000n)).toBe(true)
    expect(tree.has('var/log/messages')).toBe(false) // clean: standard
    expect(await image.metadata()).toMatchObject({ properties: { os: 'tiny', version: '3', release: 'wee' } })
    await image.dispose()
  })

  test('from an archive, and with an init system: what it runs', async () => {
    const source = join(folder, 'with-init')
    mkdirSync(join(source, 'sbin'), { recursive: true })
    writeFileSync(join(source, 'sbin/init'), '#!/bin/sh\n')
    chmodSync(join(source, 'sbin/init'), 0o755)
    execFileSync('tar', ['-C', source, '-czf', join(folder, 'root.tar.gz'), '.'])
    const { image } = await build('name: a\nfrom: rootfs:root.tar.gz\nclean: none\n', newHome(), { epoch: 5 })
    expect([...(await treeOf(image)).keys()]).toEqual(['', 'sbin', 'sbin/init'])
    expect(image.epoch).toBe(5)
    expect((await image.metadata()).run).toEqual({ cmd: ['/sbin/init'], stopSignal: 'SIGRTMIN+3' })
    await image.dispose()
    const other = await build('name: a\nfrom: rootfs:root.tar.gz\nconfig: { entrypoint: [/x] }\n')
    expect((await other.image.metadata()).run).toEqual({ entrypoint: ['/x'] })
    await other.image.dispose()
  })

  test('from a URL, by its digest; the file is not asked for again', async () => {
    const source = join(folder, 'served')
    mkdirSync(source)
    writeFileSync(join(source, 'file'), 'x')
    execFileSync('tar', ['-C', source, '-czf', join(folder, 'served.tar.gz'), '.'])
    const bytes = readFileSync(join(folder, 'served.tar.gz'))
    let asked = 0
    const server = createServer((_, response) => {
      asked++
      response.end(bytes)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/root.tar.gz`
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const home = newHome()
      const text = (digest: string) => `name: a\nfrom: { rootfs: "${url}", sha256: "${digest}" }\narchitecture: amd64\n`
      for (let n = 0; n < 2; n++) {
        const { image } = await build(text(sha256), home)
        expect([...(await treeOf(image)).keys()]).toEqual(['', 'file'])
      }
      expect(asked).toBe(1)
      await expect(build(text('0'.repeat(64)), home)).rejects.toMatchObject({ code: 'corrupt' })
      await expect(build(`name: a\nfrom: rootfs:${url}\n`, home)).rejects.toThrow('a URL needs its digest')
    } finally {
      server.close()
    }
  })

  test('from an image: what it says of itself is taken over, and the recipe goes over it', async () => {
    const base = await build(`
name: base
from: scratch
steps:
  - write: { path: /etc/os-release, content: "ID=tiny\\n" }
  - env: { PATH: /opt, LANG: C }
config: { cmd: [/base], user: lab, env: { LANG: de, EDITOR: ed }, labels: { a: one, b: two } }
properties: { tested: "yes" }
description: the base
templates:
  - { target: /etc/hostname, content: base }
  - { target: /etc/hosts, content: hosts }
`)
    for (const [to, reference] of [
      ['oci', 'oci:base.oci:base'],
      ['docker', 'docker-archive:base.docker'],
      ['lxd', 'lxd:base.lxd'],
    ] as const) {
      const out = join(folder, `base.${to}`)
      await pour([base.image], { to, out, warn: () => {}, ...(to === 'lxd' ? { variant: 'unified' } : {}) })
      const { image } = await build(`
name: child
from: ${reference}
architecture: amd64
steps:
  - env: { EDITOR: vi }
  - write: { path: /etc/motd, content: hi }
config: { cmd: [/child], labels: { b: other } }
templates:
  - { target: /etc/hostname, content: child }
`)
      expect([...(await treeOf(image)).keys()]).toEqual(['', 'etc', 'etc/motd', 'etc/os-release'])
      const metadata = await image.metadata()
      expect(metadata.properties).toMatchObject({ os: 'tiny', name: 'child' })
      expect(metadata.properties.description).not.toBe('the base')
      expect(metadata.run.cmd).toEqual(['/child'])
      if (to === 'lxd') continue // its metadata has no run configuration
      expect(metadata.run).toMatchObject({ user: 'lab', labels: { a: 'one', b: 'other' } })
      expect([...metadata.run.env!].sort()).toEqual(['EDITOR=vi', 'LANG=de', 'PATH=/opt'])
      if (to === 'docker') continue
      expect(metadata.properties).toMatchObject({ tested: 'yes' })
      expect(metadata.templates.map(({ target }) => target)).toEqual(['/etc/hosts', '/etc/hostname'])
      expect([...metadata.templateFiles.values()].map(String).sort()).toEqual(['child', 'hosts'])
    }
    await base.image.dispose()
  })

  test('from an image of the store, by its alias', async () => {
    const home = newHome()
    const base = await build(
      'name: base\nfrom: scratch\narchitecture: amd64\nsteps:\n  - write: { path: /a, content: x }\n',
      home,
    )
    const store = await openStore(home)
    await keepBuilt(store, base.image, 'ingot.yaml')
    store.close()
    await base.image.dispose()
    const { image } = await build('name: child\nfrom: image:base\nsteps:\n  - symlink: { path: /b, target: a }\n', home)
    expect([...(await treeOf(image)).keys()]).toEqual(['', 'a', 'b'])
    await image.dispose()
    await expect(build('name: child\nfrom: image:bse\n', home)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('did you mean "base"'),
    })
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

  test('a missing base is named with the place in the recipe', async () => {
    const failing = build('name: a\nfrom: rootfs:missing.tar\n')
    await expect(failing).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('missing.tar') })
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
