import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { loadRecipe } from './load.ts'
import { recallRecipe, rememberRecipe } from './recall.ts'

const folder = mkdtempSync(join(tmpdir(), 'recall-'))
const memory = { folder: join(folder, 'memory'), by: 'this' }
const file = join(folder, 'ingot.yaml')
const included = join(folder, 'included.yaml')
const feature = join(folder, 'feature')
afterAll(() => rmSync(folder, { recursive: true }))

const text = `
name: lab
include: included.yaml
from: { debootstrap: debian/bookworm, packages: [less], keyring: keys.gpg }
steps:
  - packages: { install: [vim], remove: [nano] }
  - run: { script: 'print(1)', interpreter: /usr/bin/python3, env: { A: b }, network: none }
  - ./feature: { name: world }
  - write: { path: /etc/motd, content: "a\\u0000\\u{2028}", mode: "4755" }
  - user: { name: lab, groups: [sudo] }
tests:
  - run: { script: 'true', expect: '' }
config: { env: { LANG: C.UTF-8 } }
layers: 3
clean: { preset: standard, off: [machine-id] }
outputs: [{ format: lxd, variant: unified }, oci]
templates: [{ target: /etc/hostname, content: '{{ container.name }}', when: [create] }]
`

beforeEach(() => {
  for (const made of [memory.folder, feature]) {
    rmSync(made, { recursive: true, force: true })
    mkdirSync(made)
  }
  writeFileSync(file, text.replaceAll('\\u{2028}', '\u2028'))
  writeFileSync(included, 'properties: { os: Debian }\nsteps: [{ hostname: h }]\n')
  writeFileSync(join(feature, 'feature.yaml'), 'options: { name: x }\nsteps: [{ run: "echo ${{ name }}" }]\n')
})

test('a recipe is recalled as it was read, with its places, whatever it has', () => {
  expect(recallRecipe(file, memory)).toBeUndefined()
  const recipe = loadRecipe(folder)
  rememberRecipe(recipe, memory)
  expect(recipe.steps).toHaveLength(6)
  expect(recallRecipe(file, memory)).toEqual(recipe)
  const example = 'examples/debian/ingot.yaml'
  rememberRecipe(loadRecipe(example), memory)
  expect(recallRecipe(example, memory)).toEqual(loadRecipe(example))
})

test.each([file, included, join(feature, 'feature.yaml')])('not when %s has another text, or is gone', (changed) => {
  rememberRecipe(loadRecipe(file), memory)
  const before = readFileSync(changed, 'utf8')
  writeFileSync(changed, `${before}#\n`)
  expect(recallRecipe(file, memory)).toBeUndefined()
  writeFileSync(changed, before)
  expect(recallRecipe(file, memory)).toBeDefined()
  rmSync(changed)
  expect(recallRecipe(file, memory)).toBeUndefined()
})

test('not by another program, not under another name, and not from half a note', () => {
  rememberRecipe(loadRecipe(file), memory)
  expect(recallRecipe(file, { ...memory, by: 'that' })).toBeUndefined()
  expect(recallRecipe(`${folder}/./ingot.yaml`, memory)).toBeUndefined()
  const [note] = readdirSync(memory.folder).map((name) => join(memory.folder, name))
  writeFileSync(note!, readFileSync(note!, 'utf8').slice(0, 100))
  expect(recallRecipe(file, memory)).toBeUndefined()
  writeFileSync(note!, '{"by":"this"}')
  expect(recallRecipe(file, memory)).toBeUndefined()
})

test('what JSON cannot say is not remembered, and neither is anything where there is no room', () => {
  const recipe = loadRecipe(file)
  rememberRecipe({ ...recipe, properties: { a: Number.NaN as unknown as string } }, memory)
  expect(readdirSync(memory.folder)).toEqual([])
  rememberRecipe(recipe, { ...memory, folder: join(folder, 'none') })
  expect(recallRecipe(file, { ...memory, folder: join(folder, 'none') })).toBeUndefined()
})
