import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { IngotError } from '../image/error.ts'
import { loadRecipe, parseRecipe } from './load.ts'

const head = 'name: a\nfrom: scratch\n'
const folder = mkdtempSync(join(tmpdir(), 'recipe-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a short recipe gets all defaults', () => {
  const text = 'name: a\nfrom: scratch\n'
  const recipe = parseRecipe(text, '/some/where/r.yaml')
  expect(recipe).toEqual({
    file: '/some/where/r.yaml',
    sources: [{ path: 'r.yaml', sha256: createHash('sha256').update(text).digest('hex') }],
    fromPlace: { file: '/some/where/r.yaml', folder: '/some/where', line: 2, column: 7 },
    name: 'a',
    description: undefined,
    from: { kind: 'scratch' },
    architecture: undefined,
    steps: [],
    config: {},
    layers: 'steps',
    tests: [],
    clean: { preset: 'standard', on: [], off: [] },
    outputs: [],
    properties: {},
    templates: [],
  })
})

/** What a script has besides when nothing is said of it. */
const plain = { network: 'host', caches: [], secrets: [], bind: [] }

const at = (line: number) => ({ file: 'r.yaml', folder: process.cwd(), line, column: 5 })

test('all forms of all keys', () => {
  const recipe = parseRecipe(
    `
name: lab/desktop
description: A desktop
architecture: amd64
from:
  debootstrap: debian/bookworm
  mirror: http://mirror.example/debian
  components: [main, contrib]
  variant: apt
  keyring: keys.gpg
  packages: [less]
steps:
  - packages: [sudo, g++, bash=5.2-1]
  - packages: { install: [vim/bookworm-backports], remove: [nano], recommends: true }
  - run: echo hello
  - run: { script: print(1), interpreter: /usr/bin/python3 -I, env: { A: b }, workdir: /srv, user: lab }
  - copy: { from: skel/, to: /etc/skel/, owner: "0:lab", mode: "0600" }
  - write: { path: /etc/motd, content: "", mode: "4755", owner: lab }
config:
  entrypoint: [/bin/a]
  cmd: [b]
  env: { LANG: C }
  user: "1000:1000"
  workdir: /srv
  ports: [80, 53/udp]
  volumes: [/data]
  labels: { x: "y" }
  stop-signal: SIGRTMIN+3
clean: none
outputs: [lxd, { format: oci-archive, compression: "zstd:19" }]
properties: { os: Debian }
templates:
  - { target: /etc/hostname, content: "{{ instance.name }}" }
  - { target: /etc/hosts, when: [start], create-only: true, file: hosts.tpl, properties: { a: b } }
`,
    'r.yaml',
  )
  expect(recipe.architecture).toBe('x86_64')
  expect(recipe.from).toEqual({
    kind: 'debootstrap',
    distribution: 'debian',
    suite: 'bookworm',
    mirror: 'http://mirror.example/debian',
    snapshot: undefined,
    components: ['main', 'contrib'],
    variant: 'apt',
    keyring: 'keys.gpg',
    packages: ['less'],
  })
  expect(recipe.steps).toEqual([
    {
      kind: 'packages',
      place: at(13),
      value: { install: ['sudo', 'g++', 'bash=5.2-1'], remove: [], recommends: false },
    },
    {
      kind: 'packages',
      place: at(14),
      value: { install: ['vim/bookworm-backports'], remove: ['nano'], recommends: true },
    },
    {
      kind: 'run',
      place: at(15),
      value: { ...plain, script: 'echo hello', interpreter: ['/bin/sh', '-e'], env: {}, workdir: '/' },
    },
    {
      kind: 'run',
      place: at(16),
      value: {
        ...plain,
        script: 'print(1)',
        interpreter: ['/usr/bin/python3', '-I'],
        env: { A: 'b' },
        workdir: '/srv',
        user: 'lab',
      },
    },
    { kind: 'copy', place: at(17), value: { from: 'skel/', to: '/etc/skel/', owner: '0:lab', mode: 0o600 } },
    { kind: 'write', place: at(18), value: { path: '/etc/motd', content: '', mode: 0o4755, owner: 'lab' } },
  ])
  expect(recipe.config).toEqual({
    entrypoint: ['/bin/a'],
    cmd: ['b'],
    env: ['LANG=C'],
    user: '1000:1000',
    workdir: '/srv',
    ports: ['80/tcp', '53/udp'],
    volumes: ['/data'],
    labels: { x: 'y' },
    stopSignal: 'SIGRTMIN+3',
  })
  expect(recipe.clean).toEqual({ preset: 'none', on: [], off: [] })
  expect(recipe.outputs).toEqual([
    { format: 'lxd' },
    { format: 'oci-archive', compression: { kind: 'zstd', level: 19 } },
  ])
  expect(recipe.templates).toMatchObject([
    {
      target: '/etc/hostname',
      when: ['create', 'copy'],
      createOnly: false,
      source: { content: '{{ instance.name }}' },
      properties: {},
    },
    {
      target: '/etc/hosts',
      when: ['start'],
      createOnly: true,
      source: { file: 'hosts.tpl' },
      properties: { a: 'b' },
    },
  ])
})

test.each([
  ['rootfs:../a.tar', { kind: 'rootfs', file: '../a.tar' }],
  ['dir:/srv/root', { kind: 'dir', path: '/srv/root' }],
  ['scratch', { kind: 'scratch' }],
  ['{ rootfs: a.tar }', { kind: 'rootfs', file: 'a.tar' }],
  ['{ dir: root }', { kind: 'dir', path: 'root' }],
  ['oci:a:b', { kind: 'image', form: 'oci', path: 'a:b' }],
  [
    `{ oci: "a:b", digest: "sha256:${'0a'.repeat(32)}" }`,
    { kind: 'image', form: 'oci', path: 'a:b', sha256: '0a'.repeat(32) },
  ],
  [`{ lxd: "a,b", sha256: ${'0a'.repeat(32)} }`, { kind: 'image', form: 'lxd', path: 'a,b', sha256: '0a'.repeat(32) }],
  [`{ image: lab, fingerprint: ${'0a'.repeat(32)} }`, { kind: 'store', name: 'lab', fingerprint: '0a'.repeat(32) }],
])('from: %s', (text, base) => {
  expect(parseRecipe(`name: a\nfrom: ${text}\n`, 'r.yaml').from).toEqual(base)
})

test.each([
  ['2026-11-01', '20261101T000000Z'],
  ['20261101', '20261101T000000Z'],
  ['2026-11-01T12:34:56Z', '20261101T123456Z'],
  ['20261101T123456Z', '20261101T123456Z'],
])('a snapshot may be written %s', (written, snapshot) => {
  const { from } = parseRecipe(`name: a\nfrom: { debootstrap: debian/sid, snapshot: "${written}" }`, 'r.yaml')
  expect(from).toMatchObject({ snapshot })
})

test('components are what the distribution calls free software', () => {
  const components = (name: string) => parseRecipe(`name: a\nfrom: debootstrap:${name}`, 'r.yaml').from
  expect(components('ubuntu/noble')).toMatchObject({ distribution: 'ubuntu', components: ['main', 'universe'] })
  expect(components('devuan/daedalus')).toMatchObject({ distribution: 'devuan', components: ['main'] })
  expect(components('devuan/jessie')).toMatchObject({ distribution: 'devuan', suite: 'jessie' })
  expect(components('ubuntu/zippy')).toMatchObject({ suite: 'zippy' })
})

test('debootstrap in short form is the long form with its defaults', () => {
  const long = parseRecipe('name: a\nfrom: { debootstrap: debian/trixie }', 'r.yaml').from
  expect(parseRecipe('name: a\nfrom: debootstrap:debian/trixie', 'r.yaml').from).toEqual(long)
  expect(long).toMatchObject({ suite: 'trixie', variant: 'minbase', components: ['main'], packages: [] })
})

test('loadRecipe takes a file or a folder with an ingot.yaml', () => {
  const file = join(folder, 'ingot.yaml')
  writeFileSync(file, head)
  expect(loadRecipe(file)).toMatchObject({ name: 'a', file, fromPlace: { file, folder } })
  expect(loadRecipe(folder)).toMatchObject({ name: 'a', file, fromPlace: { file, folder } })
})

test('loadRecipe refuses what is no recipe file', () => {
  const code = (path: string) => {
    try {
      return loadRecipe(path).name
    } catch (error) {
      return (error as IngotError).code
    }
  }
  expect(code(join(folder, 'missing.yaml'))).toBe('not-found')
  mkdirSync(join(folder, 'empty'))
  expect(() => loadRecipe(join(folder, 'empty'))).toThrow(/empty\/ingot\.yaml/)
  const binary = join(folder, 'binary.yaml')
  writeFileSync(binary, Buffer.from([0x6e, 0xff, 0xfe]))
  expect(code(binary)).toBe('usage')
  const huge = join(folder, 'huge.yaml')
  writeFileSync(huge, `#${'x'.repeat(1024 * 1024)}\n`)
  expect(code(huge)).toBe('limit')
})
