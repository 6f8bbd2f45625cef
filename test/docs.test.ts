import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { formatNames } from '../src/formats/names.ts'
import { formats } from '../src/formats/registry.ts'
import { exitStatuses } from '../src/image/error.ts'
import { generatedDocs } from './support/generated-docs.ts'

const top = resolve(import.meta.dirname, '..')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(top, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'))

test('generated pages are up to date (npm run docs)', async () => {
  for (const [name, text] of await generatedDocs()) expect(readFileSync(join(top, name), 'utf8'), name).toBe(text)
})

test('links between pages lead somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(top, page), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((target) => !existsSync(join(top, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('every format is known by its name', () => {
  expect([...formatNames].sort()).toEqual([...formats.keys()].sort())
})

test('every format has a page section, and every error code its exit status in the docs', () => {
  const text = readFileSync(join(top, 'docs/formats.md'), 'utf8')
  for (const name of formats.keys()) expect(text).toContain(`\n## ${name}`)
  const errors = readFileSync(join(top, 'docs/errors.md'), 'utf8')
  for (const [code, status] of Object.entries(exitStatuses)) expect(errors).toContain(`| ${status} | \`${code}\` |`)
})
