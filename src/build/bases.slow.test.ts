import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, lchownSync, lutimesSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pour } from '../formats/pour.ts'
import { listImages } from '../store/catalog/list.ts'
import { keepBuilt } from '../store/keep-built.ts'
import { openStore } from '../store/store.ts'
import { buildTester, treeOf } from './test-build.ts'
import { makeTinyRoot, sandboxMissing } from './test-root.ts'

const { build, folder, newHome } = buildTester()

describe.skipIf(sandboxMissing)(`bases of a build${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
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
    const after = await openStore(home)
    expect(listImages(after.database)[0]!.lastUsedAt).toBeGreaterThan(0)
    after.close()
    await expect(build('name: child\nfrom: image:bse\n', home)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('did you mean "base"'),
    })
  })

  test('a missing base is named with the place in the recipe', async () => {
    const failing = build('name: a\nfrom: rootfs:missing.tar\n')
    await expect(failing).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('missing.tar') })
  })
})
