import { expect, test } from 'vitest'
import { canonicalInOneReading } from './canonical.ts'
import { IrregularTree } from './irregular-tree.ts'
import {
  bare,
  changes,
  contentOf,
  file,
  folder,
  hardlink,
  layerOf,
  pathsOf,
  readTree,
  symlink,
  type TestItem,
} from './test-tree.ts'

const canonical = (...items: TestItem[]) => canonicalInOneReading(layerOf(items))

test('a tree in good order is read once, and passes as it is', async () => {
  const layer = layerOf([folder('', { uid: 4 }), folder('a'), file('a/b', 'x'), hardlink('c', 'a/b')])
  expect(await readTree(canonicalInOneReading(layer))).toMatchObject({
    '': { owner: '4:0' },
    'a/b': { names: 'a/b c' },
  })
  expect(layer.readings).toBe(1)
})

test('a link to a link leads to the file', async () => {
  const tree = canonical(folder(''), file('b', 'x'), hardlink('c', 'b'), hardlink('a', 'c'))
  expect(await pathsOf(tree)).toEqual(['', 'b', 'c=b', 'a=b'])
  expect((await readTree(tree)).a).toMatchObject({ names: 'a b c' })
})

test('a missing root and missing parents are added where they are needed', async () => {
  expect(await pathsOf(canonical(file('a/b/c', 'x'), file('a/d', 'x')))).toEqual(['', 'a', 'a/b', 'a/b/c', 'a/d'])
  expect(await pathsOf(canonical())).toEqual([''])
})

test('an entry under a symlink lands where it leads; a symlink to nowhere gives way to a directory', async () => {
  const merged = canonical(
    folder(''),
    folder('usr'),
    folder('usr/bin'),
    symlink('bin', 'usr/bin'),
    file('bin/x', 'x'),
    hardlink('y', 'bin/x'),
  )
  expect(await pathsOf(merged)).toEqual(['', 'usr', 'usr/bin', 'bin', 'usr/bin/x', 'y=usr/bin/x'])
  expect(await contentOf(merged, 'usr/bin/x')).toBe('x')
})

test('what one reading cannot bring into order is told', async () => {
  const disorders: TestItem[][] = [
    [file('a', '1'), file('a', '2')],
    [file('a/b', ''), folder('a', { uid: 1 })],
    [hardlink('b', 'a'), file('a', '')],
    [file('a', ''), file('a/b', '')],
    [file('a', ''), folder('')],
    [folder(''), folder('')],
    [folder('d'), symlink('d', 'x')],
    [symlink('l', 'nowhere'), file('l/x', '')],
  ]
  for (const items of disorders) await expect(readTree(canonical(...items))).rejects.toBeInstanceOf(IrregularTree)
  await expect(readTree(canonicalInOneReading(changes(file('a', ''))))).rejects.toBeInstanceOf(IrregularTree)
})

test('a loop of symlinks is refused, naming the entry', async () => {
  const loop = canonical(symlink('a', 'b/x'), symlink('b', 'a'), file('a/x', ''))
  await expect(readTree(loop)).rejects.toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('a/x') }),
  )
  await expect(readTree(loop)).rejects.not.toBeInstanceOf(IrregularTree)
})

test('devices, FIFOs and names of all kinds pass', async () => {
  const tree = await readTree(
    canonical(bare({ path: 'n', type: 'block', devMajor: 8, devMinor: 1 }), bare({ path: 'caf\xe9', type: 'fifo' })),
  )
  expect(tree).toMatchObject({ n: { device: '8:1' }, 'caf\xe9': { type: 'fifo' } })
})
