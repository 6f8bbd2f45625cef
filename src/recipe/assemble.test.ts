import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadRecipe } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'assemble-'))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
/** Files by name, in a folder of their own; the recipe is ingot.yaml. */
function recipe(files: Readonly<Record<string, string>>): string {
  const own = join(folder, String(count++))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(own, dirname(name)), { recursive: true })
    writeFileSync(join(own, name), content)
  }
  return own
}

const head = 'name: a\nfrom: scratch\n'

test('what is included comes first, and what the recipe says goes over it', () => {
  const own = recipe({
    'ingot.yaml': `
name: lab
include: [common/base.yaml, common/users.yaml]
steps: [{ hostname: lab }]
config: { env: { B: own }, user: lab }
outputs: [docker]
`,
    'common/base.yaml': `
name: base
from: rootfs:base.tar
steps: [{ copy: { from: skel, to: /etc/skel } }]
config: { env: { A: base, B: base }, cmd: [/sbin/init] }
outputs: [lxd, oci]
properties: { os: Debian }
tests: [{ run: "true" }]
templates: [{ target: /etc/hostname, file: hostname.tpl }]
`,
    'common/users.yaml': 'include: base.yaml\nsteps:\n  - user: lab\nproperties: { lab: "yes" }\n',
  })
  const loaded = loadRecipe(own)
  expect(loaded).toMatchObject({
    name: 'lab',
    from: { kind: 'rootfs', file: 'base.tar' },
    fromPlace: { folder: join(own, 'common') },
    config: { env: ['A=base', 'B=own'], user: 'lab', cmd: ['/sbin/init'] },
    outputs: [{ format: 'docker' }],
    properties: { os: 'Debian', lab: 'yes' },
    templates: [{ place: { folder: join(own, 'common') } }],
    tests: [{ kind: 'run', place: { file: join(own, 'common/base.yaml'), line: 8 } }],
  })
  expect(loaded.sources.map(({ path }) => path)).toEqual(['common/base.yaml', 'common/users.yaml', 'ingot.yaml'])
  expect(loaded.steps.map(({ kind, place }) => [kind, place.folder, place.line])).toEqual([
    ['copy', join(own, 'common'), 4],
    ['user', join(own, 'common'), 3],
    ['hostname', own, 4],
  ])
})

test.each([
  [
    'a file that is not there',
    { 'ingot.yaml': `${head}include: other.yaml` },
    /ingot\.yaml:3:10: include: .*other\.yaml/,
  ],
  [
    'files that include each other',
    { 'ingot.yaml': `${head}include: [b.yaml]`, 'b.yaml': 'include: ingot.yaml' },
    /b\.yaml:1:10: include: files that include each other/,
  ],
  ['a file that includes itself', { 'ingot.yaml': `${head}include: ingot.yaml` }, /include each other/],
  [
    'a mistake in what is included',
    { 'ingot.yaml': `${head}include: b.yaml`, 'b.yaml': '\nsteps:\n  - user: lab\n  - hostnam: x' },
    /b\.yaml:4:5: steps\[1\]\.hostnam: unknown key.*did you mean "hostname"/,
  ],
  [
    'a key that stands nowhere',
    { 'ingot.yaml': 'name: a\ninclude: b.yaml', 'b.yaml': 'steps: []' },
    /ingot\.yaml:1:1: from: this key is missing/,
  ],
  ['what is no map', { 'ingot.yaml': `${head}include: b.yaml`, 'b.yaml': '- a' }, /b\.yaml is no map/],
  ['broken YAML in what is included', { 'ingot.yaml': `${head}include: b.yaml`, 'b.yaml': 'a: [' }, /b\.yaml:1:\d+: /],
])('include: %s', (_, files, message) => {
  expect(() => loadRecipe(recipe(files))).toThrow(message)
})

const userFeature = `
description: A user
options:
  name: { description: Login name }
  shell: /bin/bash
  groups: []
  sudo: true
  packages: { type: list, default: [less] }
  kind: { default: small, one-of: [small, large] }
  uid: { type: number, default: 1000 }
steps:
  - user: { name: "\${{ name }}", groups: "\${{ groups }}", shell: "\${{ shell }}", uid: "\${{ uid }}" }
  - packages: [tree, "\${{ packages }}"]
  - if: "\${{ sudo }}"
    write: { path: "/etc/sudoers.d/\${{ name }}", content: "\${{ name }} ALL=(ALL) ALL\\n" }
  - if: "\${{ kind == 'large' }}"
    copy: { from: skel, to: "/home/\${{ name }}" }
`

test('a feature is its steps, with what was chosen', () => {
  const own = recipe({
    'ingot.yaml': `${head}steps:\n  - ./features/user: { name: lab, groups: [video], packages: [vim, nano], kind: large }\n  - hostname: x\n  - ./features/user: { name: b, sudo: false }`,
    'features/user/feature.yaml': userFeature,
  })
  const { steps } = loadRecipe(own)
  expect(steps.map(({ kind }) => kind)).toEqual(['user', 'packages', 'write', 'copy', 'hostname', 'user', 'packages'])
  expect(steps[0]).toMatchObject({ value: { name: 'lab', groups: ['video'], shell: '/bin/bash', uid: 1000 } })
  expect(steps[1]).toMatchObject({ value: { install: ['tree', 'vim', 'nano'] } })
  expect(steps[2]).toMatchObject({ value: { path: '/etc/sudoers.d/lab', content: 'lab ALL=(ALL) ALL\n' } })
  expect(steps[3]!.place).toMatchObject({ folder: join(own, 'features/user'), line: 16 })
  expect(steps[6]).toMatchObject({ value: { install: ['tree', 'less'] } })
})

test('a feature uses others, beside itself', () => {
  const own = recipe({
    'ingot.yaml': `${head}steps:\n  - ./features/lab:\n`,
    'features/lab/feature.yaml': 'options: { user: me }\nsteps:\n  - ../user: { name: "${{ user }}", sudo: false }\n',
    'features/user/feature.yaml': userFeature,
  })
  const { steps, sources } = loadRecipe(own)
  expect(steps[0]).toMatchObject({ kind: 'user', value: { name: 'me' } })
  expect(sources.map(({ path }) => path)).toEqual([
    'ingot.yaml',
    'features/lab/feature.yaml',
    'features/user/feature.yaml',
  ])
})

const use = (what: string) => `${head}steps:\n  - hostname: x\n  - ./f: ${what}\n`
test.each([
  [
    'an unknown option',
    use('{ name: a, shel: b }'),
    userFeature,
    /ingot\.yaml:5:21: steps\[1\]\["\.\/f"\]\.shel: unknown key "shel" \(did you mean "shell"/,
  ],
  [
    'an option that must be given',
    use('{}'),
    userFeature,
    /ingot\.yaml:5:10: .*name: this key is missing: expected text/,
  ],
  ['an option of another type', use('{ name: a, sudo: maybe }'), userFeature, /sudo: expected true or false/],
  [
    'a word that is none of them',
    use('{ name: a, kind: larg }'),
    userFeature,
    /kind: "larg" is not known \(did you mean "large"/,
  ],
  ['no folder', use('{}').replace('./f', './g'), userFeature, /ingot\.yaml:5:5: .*there is no feature in this folder/],
  [
    'a mistake in a step of it',
    use('{}'),
    'steps:\n  - packages: []\n  - usr: lab',
    /f\/feature\.yaml:3:5: steps\[1\]\.usr: unknown key/,
  ],
  [
    'an option that is not defined',
    use('{}'),
    'steps:\n  - packages: [a]\n  - user: "${{ who }}"',
    /feature\.yaml:3:11: steps\[1\]\.user: there is no who/,
  ],
  [
    'a default that does not fit',
    use('{}'),
    'options:\n  a: { type: number, default: x }\nsteps: [{ user: a }]',
    /feature\.yaml:2:\d+: .*the default is no number/,
  ],
  [
    'a condition that is none',
    use('{}'),
    'steps:\n  - { if: "yes", user: a }',
    /feature\.yaml:2:11: .*expected a condition/,
  ],
  ['itself', use('{}'), 'steps:\n  - ../f: {}', /feature\.yaml:2:5: .*features that use each other/],
])('a feature with %s', (_, text, feature, message) => {
  expect(() => loadRecipe(recipe({ 'ingot.yaml': text, 'f/feature.yaml': feature }))).toThrow(message)
})

test('features cannot make more steps than anybody needs', () => {
  const files: Record<string, string> = { 'ingot.yaml': `${head}steps: [{ ./f0: {} }]` }
  const level = (next: string) => `steps:\n${`  - ${next}\n`.repeat(10)}`
  for (let depth = 0; depth < 6; depth++) files[`f${depth}/feature.yaml`] = level(`../f${depth + 1}: {}`)
  files['f6/feature.yaml'] = level('hostname: a')
  expect(() => loadRecipe(recipe(files))).toThrow('more than 10000 steps')
})
