import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layerDelta } from './delta.ts'
import { flatten } from './flatten.ts'
import { arbitraryImage } from './test-arbitrary.ts'
import { contentOf, file, folder, hardlink, layerOf, pathsOf, readTree, symlink, type TestItem } from './test-tree.ts'

const tree = (...items: TestItem[]) => layerOf([folder(''), ...items], { canonical: true })

test('the change set on top of the lower tree makes the upper one', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryImage(), arbitraryImage(), async (a, b) => {
      const [lower, upper] = [flatten(a.layers), flatten(b.layers)]
      expect(await readTree(flatten([lower, layerDelta(lower, upper)]))).toEqual(await readTree(upper))
    }),
    { numRuns: 1500 },
  )
})

test('no change, no entries', async () => {
  const items = [folder('a'), file('a/b', 'x'), hardlink('c', 'a/b'), symlink('l', 'a')]
  expect(await pathsOf(layerDelta(tree(...items), tree(...items)))).toEqual([])
})

test('what is gone has one whiteout, before its siblings; what was in it has none', async () => {
  const lower = tree(folder('a'), folder('a/-'), file('a/b', ''), folder('a/c'), file('a/c/d', ''))
  const delta = layerDelta(lower, tree(folder('a'), folder('a/-', { uid: 1 }), file('a/e', 'new')))
  expect(await pathsOf(delta)).toEqual(['', 'a', 'a/.wh.b', 'a/.wh.c', 'a/-', 'a/e'])
  expect(delta.whiteouts).toBe(true)
})

test('a directory that becomes a file, or a file a directory, needs no whiteout', async () => {
  expect(await pathsOf(layerDelta(tree(folder('a'), file('a/b', '')), tree(file('a', ''))))).toEqual(['', 'a'])
  expect(await pathsOf(layerDelta(tree(file('a', '')), tree(folder('a'), file('a/b', ''))))).toEqual(['', 'a', 'a/b'])
})

test('content that changed with size and time unchanged is seen', async () => {
  const delta = layerDelta(tree(file('a', 'one')), tree(file('a', 'two')))
  expect(await pathsOf(delta)).toEqual(['', 'a'])
  expect(await contentOf(delta, 'a')).toBe('two')
})

test('when one name of a file changes, all its names come again, the file first', async () => {
  const lower = tree(file('a', 'x'), hardlink('b', 'a'), file('c', 'x'))
  expect(await pathsOf(layerDelta(lower, tree(file('a', 'y'), hardlink('b', 'a'), file('c', 'x'))))).toEqual(['', 'a', 'b=a'])
  expect(await pathsOf(layerDelta(lower, tree(file('a', 'x'), file('b', 'x'), file('c', 'x'))))).toEqual(['', 'a', 'b'])
  expect(await pathsOf(layerDelta(lower, tree(file('a', 'x'), hardlink('b', 'a'), hardlink('c', 'a'))))).toEqual(['', 'a', 'b=a', 'c=a'])
})

test('a name that would be read as a whiteout cannot be stored', async () => {
  for (const [lower, upper] of [[tree(), tree(file('d.wh.x', ''), file('.wh.x', ''))], [tree(file('.wh..wh.x', '')), tree()]]) {
    await expect(pathsOf(layerDelta(lower!, upper!))).rejects.toThrow(expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('.wh.') }))
  }
  expect(await pathsOf(layerDelta(tree(), tree(file('d.wh.x', ''))))).toEqual(['', 'd.wh.x'])
})
