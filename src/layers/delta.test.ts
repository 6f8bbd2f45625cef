import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryTree } from '../../test/support/arbitrary-tree.ts'
import { recordsOf } from '../../test/support/records.ts'
import { item, type TreeItem, tortureTree, treeLayer } from '../../test/support/trees.ts'
import { layerDelta } from './delta.ts'
import { flatten } from './flatten.ts'

const file = (path: string, content = '') => item({ path, type: 'file' }, content)
const folder = (path: string, mode = 0o755) => item({ path, type: 'directory', mode })
const link = (path: string, linkTarget: string) => item({ path, type: 'symlink', linkTarget })
const hard = (path: string, linkTarget: string) => item({ path, type: 'hardlink', linkTarget })

/** The change set's paths in order, hard links as `path=target`; checked to lead to the upper tree. */
async function delta(lower: readonly TreeItem[], upper: readonly TreeItem[]): Promise<string[]> {
  const [below, above] = [treeLayer(lower), treeLayer(upper)]
  const changes = layerDelta(below, above)
  expect(changes.whiteouts).toBe(true)
  expect(await recordsOf(flatten([below, changes]))).toEqual(await recordsOf(above))
  const paths: string[] = []
  for await (const { type, path, linkTarget } of changes.entries()) {
    paths.push(type === 'hardlink' ? `${path}=${linkTarget}` : path)
  }
  return paths
}

test('any tree becomes any other', async () => {
  const root = (tree: readonly TreeItem[]) => (tree[0]?.header.path === '' ? tree : [folder(''), ...tree])
  await fc.assert(
    fc.asyncProperty(arbitraryTree(), arbitraryTree(), async (lower, upper) => {
      await delta(root(lower), root(upper))
    }),
    { numRuns: 200 },
  )
})

test('any tree becomes one that shares most of it', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryTree(), fc.infiniteStream(fc.nat(4)), async (tree, choices) => {
      const targets = new Set(tree.map(({ header }) => header.linkTarget))
      // Files that others link to, and folders, stay: what is left must be a tree.
      const upper = tree.filter(({ header }) => {
        const needed = header.path === '' || header.type === 'directory' || targets.has(header.path)
        return needed || choices.next().value !== 0
      })
      await delta(tree, upper)
      await delta(upper, tree)
    }),
    { numRuns: 200 },
  )
})

test('nothing changed: no entries', async () => {
  expect(await delta(tortureTree, tortureTree)).toEqual([])
})

test('whiteouts are explicit, for the topmost of what is gone, before the files beside them', async () => {
  const lower = [
    folder(''),
    folder('d'),
    file('d/a'),
    folder('d/gone'),
    file('d/gone/x'),
    folder('d/gone/y'),
    file('d/keep', '1'),
    file('top'),
  ]
  const upper = [folder(''), folder('d'), file('d/keep', '2')]
  expect(await delta(lower, upper)).toEqual(['', '.wh.top', 'd', 'd/.wh.a', 'd/.wh.gone', 'd/keep'])
})

test('only what is gone: its folders and a whiteout', async () => {
  expect(await delta([folder(''), folder('d'), file('d/a')], [folder(''), folder('d')])).toEqual(['', 'd', 'd/.wh.a'])
})

test('what changes its type needs no whiteout', async () => {
  const filled = [folder(''), folder('x'), folder('x/y'), file('x/y/z')]
  expect(await delta(filled, [folder(''), file('x')])).toEqual(['', 'x'])
  expect(await delta(filled, [folder(''), link('x', 'y')])).toEqual(['', 'x'])
  expect(
    await delta(
      [folder(''), link('x', 'y'), folder('y'), file('y/keep')],
      [folder(''), folder('x'), file('x/new'), folder('y'), file('y/keep')],
    ),
  ).toEqual(['', 'x', 'x/new'])
})

test('all names of a changed file come again, the file first', async () => {
  const pair = (content: string) => [folder(''), file('a', content), hard('b', 'a'), file('c')]
  expect(await delta(pair('1'), pair('2'))).toEqual(['', 'a', 'b=a'])
  expect(await delta([folder(''), file('a'), file('c')], [folder(''), file('a'), hard('b', 'a'), file('c')])).toEqual([
    '',
    'a',
    'b=a',
  ])
  expect(await delta(pair('1'), [folder(''), file('a', '1'), file('c')])).toEqual(['', '.wh.b', 'a'])
  expect(await delta(pair('1'), [folder(''), file('a', '1'), file('b', '1'), file('c')])).toEqual(['', 'a', 'b'])
})

test('a directory whose attributes changed comes without what is in it', async () => {
  expect(await delta([folder(''), folder('d'), file('d/f')], [folder(''), folder('d', 0o700), file('d/f')])).toEqual([
    '',
    'd',
  ])
})

test('names that would be read as whiteouts are refused, by name', async () => {
  const odd = [folder(''), folder('d'), file('d/.wh.x')]
  const plain = [folder(''), folder('d')]
  const refused = { code: 'unsupported', message: expect.stringContaining('d/.wh.x') }
  await expect(delta(plain, odd)).rejects.toMatchObject(refused)
  await expect(delta(odd, plain)).rejects.toMatchObject(refused)
})
