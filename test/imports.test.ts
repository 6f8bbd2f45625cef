import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

// A room may import itself and the rooms before it, never one after it (DESIGN.md §3).
const rooms = [
  'image',
  'host',
  'tar',
  'compression',
  'layers',
  'template',
  'formats',
  'remotes',
  'store',
  'recipe',
  'features',
  'build',
  'instances',
  'boot',
  'server',
  'cli',
]

const src = resolve(import.meta.dirname, '../src')

interface Import {
  readonly from: string
  readonly to: string
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/(?:from\s+|import\s*\(\s*|import\s+)'(\.[^']+)'/g)
  return [...found].map((match) => ({
    from: relative(src, file),
    to: relative(src, resolve(dirname(file), match[1]!)),
  }))
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const imports = files.flatMap((name) => importsOf(join(src, name)))
const roomOf = (path: string) => path.split('/')[0]!

test('every folder of src is a room of the house', () => {
  expect(readdirSync(src).filter((name) => !rooms.includes(name))).toEqual([])
})

test('imports point downwards only', () => {
  expect(imports.length).toBeGreaterThan(100)
  const wrong = imports.filter(({ from, to }) => rooms.indexOf(roomOf(to)) > rooms.indexOf(roomOf(from)))
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('the code imports nothing outside src', () => {
  const shared = ({ from, to }: Import) => from.endsWith('.test.ts') && to.startsWith('../test/support/')
  const outside = imports.filter((each) => each.to.startsWith('..') && !shared(each))
  expect(outside.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('the members of the formats family know their contract, not each other, but for what docker and proxmox share with oci', () => {
  const allowed = new Set([
    'docker→oci',
    'proxmox→oci',
    'proxmox→rootfs',
    'lxd→squashfs',
    'rootfs→squashfs',
    'proxmox→squashfs',
  ])
  const member = (path: string) =>
    path.startsWith('formats/') && path.split('/').length > 2 ? path.split('/')[1]! : undefined
  const wrong = imports.flatMap(({ from, to }) => {
    const [a, b] = [member(from), member(to)]
    return a && b && a !== b && !allowed.has(`${a}→${b}`) && !from.endsWith('.test.ts') ? [`${from} imports ${to}`] : []
  })
  expect(wrong).toEqual([])
})
