import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryTree } from '../../test/support/arbitrary-tree.ts'
import { item, type TreeItem, tortureTree, treeLayer } from '../../test/support/trees.ts'
import { compareTrees } from './compare.ts'
import type { PathDifference } from './comparison.ts'

async function compare(a: readonly TreeItem[], b: readonly TreeItem[], times = false): Promise<PathDifference[]> {
  return [...(await compareTrees(treeLayer(a), treeLayer(b), { times }))]
}

async function whatChanged(a: TreeItem, b: TreeItem, times = false): Promise<readonly string[]> {
  const [changed] = await compare([a], [b], times)
  return changed?.what ?? []
}

test('a tree is equal to itself', async () => {
  expect(await compare(tortureTree, tortureTree, true)).toEqual([])
  await fc.assert(
    fc.asyncProperty(arbitraryTree(), async (tree) => {
      expect(await compare(tree, tree, true)).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('nothing is equal to nothing', async () => {
  expect(await compare([], [])).toEqual([])
})

test('each thing that may differ has its word', async () => {
  const file = item({ path: 'f', type: 'file' }, 'one')
  const device = { path: 'f', type: 'char', devMajor: 1, devMinor: 3 } as const
  expect(await whatChanged(file, item({ path: 'f', type: 'directory' }))).toEqual(['type'])
  expect(await whatChanged(file, item({ path: 'f', type: 'file' }, 'two'))).toEqual(['content'])
  expect(await whatChanged(file, item({ path: 'f', type: 'file', mode: 0o4755 }, 'one'))).toEqual(['mode'])
  expect(await whatChanged(file, item({ path: 'f', type: 'file', uid: 1 }, 'one'))).toEqual(['owner'])
  expect(await whatChanged(file, item({ path: 'f', type: 'file', gid: 1 }, 'one'))).toEqual(['owner'])
  const noted = (text: string) =>
    item({ path: 'f', type: 'file', xattrs: new Map([['user.n', Buffer.from(text)]]) }, 'one')
  expect(await whatChanged(file, noted('a'))).toEqual(['xattrs'])
  expect(await whatChanged(noted('a'), noted('b'))).toEqual(['xattrs'])
  expect(await whatChanged(noted('a'), noted('a'))).toEqual([])
  const link = (linkTarget: string, mode = 0o777) => item({ path: 'f', type: 'symlink', linkTarget, mode })
  expect(await whatChanged(link('a'), link('b'))).toEqual(['target'])
  expect(await whatChanged(link('a'), link('a', 0o700))).toEqual([])
  expect(await whatChanged(item(device), item({ ...device, devMinor: 5 }))).toEqual(['device'])
})

test('times count only when asked', async () => {
  const [a, b] = [item({ path: 'f', type: 'file', mtime: 1n }), item({ path: 'f', type: 'file', mtime: 2n })]
  expect(await whatChanged(a, b)).toEqual([])
  expect(await whatChanged(a, b, true)).toEqual(['mtime'])
})

test('which names belong together counts, not which of them comes first', async () => {
  const pair = [item({ path: 'a', type: 'file' }, 'x'), item({ path: 'b', type: 'hardlink', linkTarget: 'a' })]
  const turned = [item({ path: 'b', type: 'file' }, 'x'), item({ path: 'a', type: 'hardlink', linkTarget: 'b' })]
  const apart = [item({ path: 'a', type: 'file' }, 'x'), item({ path: 'b', type: 'file' }, 'x')]
  expect(await compare(pair, turned)).toEqual([])
  expect(await compare(pair, apart)).toEqual([
    { path: 'a', kind: 'changed', what: ['links'] },
    { path: 'b', kind: 'changed', what: ['links'] },
  ])
})

test('a hole and the zeros it stands for are the same content', async () => {
  const zeros = Buffer.concat([Buffer.alloc(4096), Buffer.from('data'), Buffer.alloc(100)])
  const full = item({ path: 'f', type: 'file' }, zeros)
  const holes = item({ path: 'f', type: 'file', size: 4200, sparse: [{ offset: 4096, length: 4 }] }, 'data')
  expect(await whatChanged(full, holes)).toEqual([])
  const empty = item({ path: 'f', type: 'file', size: 100_000, sparse: [] })
  expect(await whatChanged(item({ path: 'f', type: 'file' }, Buffer.alloc(100_000)), empty)).toEqual([])
  expect(await whatChanged(item({ path: 'f', type: 'file' }, Buffer.alloc(99_999)), empty)).toEqual(['content'])
})

test('content that does not fit the header is an error', async () => {
  const lying = item({ path: 'f', type: 'file', size: 2 }, 'three')
  await expect(compare([lying], [])).rejects.toMatchObject({ code: 'corrupt' })
})

test('names in byte order, what a directory holds right after it; as often as one looks', async () => {
  const files = (...paths: string[]) => paths.map((path) => item({ path, type: 'file' }))
  const folder = item({ path: 'a', type: 'directory' })
  const [before, after] = [files('m', 'z', 'b'), [...files('m', 'x', '\xe9', 'a-b'), folder, ...files('a/z', 'a/y')]]
  const differences = await compareTrees(treeLayer(before), treeLayer(after))
  const told = () => [...differences].map(({ path, kind }) => `${kind} ${path}`)
  const expected = ['added a', 'added a/y', 'added a/z', 'added a-b', 'removed b', 'added x', 'removed z', 'added \xe9']
  expect(told()).toEqual(expected)
  expect(told()).toEqual(expected)
})
