import { expect, test } from 'vitest'
import { makeHeader } from '../image/entry.ts'
import { compareTrees } from './compare.ts'
import { bare, file, folder, hardlink, layerOf, symlink, type TestItem } from './test-tree.ts'

const tree = (...items: TestItem[]) => layerOf([folder(''), ...items], { canonical: true })
const compare = async (a: TestItem[], b: TestItem[], times = false) => await compareTrees(tree(...a), tree(...b), { times })

test('equal trees differ in nothing, whatever their order, layout of holes and (unless asked) times', async () => {
  const sparse = { header: makeHeader({ path: 's', type: 'file', size: 6, sparse: [{ offset: 2, length: 1 }] }), data: Buffer.from('x') }
  const a = [folder('d'), file('d/a', 'x', { mtime: 1n }), sparse, hardlink('l', 'd/a')]
  const b = [file('s', '\0\0x\0\0\0'), file('l', 'x', { mtime: 2n }), folder('d'), hardlink('d/a', 'l')]
  expect(await compare(a, b)).toEqual({ added: [], removed: [], changed: [] })
  expect((await compare(a, b, true)).changed).toEqual([{ path: 'd/a', what: ['mtime'] }, { path: 'l', what: ['mtime'] }])
})

test('what was added and removed, in byte order', async () => {
  const difference = await compare([file('x', ''), file('a/b', ''), file('Z', '')], [file('\xe9', ''), file('b', '')])
  expect(difference).toEqual({ added: ['b', '\xe9'], removed: ['Z', 'a/b', 'x'], changed: [] })
})

test('each kind of change is named', async () => {
  const changes: [what: string[], before: TestItem[], after: TestItem[]][] = [
    [['content'], [file('p', 'one')], [file('p', 'two')]],
    [['content'], [file('p', '')], [file('p', '\0')]],
    [['mode'], [file('p', '', { mode: 0o755 })], [file('p', '', { mode: 0o4755 })]],
    [['owner'], [file('p', '', { uid: 1 })], [file('p', '', { uid: 2 })]],
    [['owner'], [folder('p', { gid: 1 })], [folder('p', { gid: 2 })]],
    [['xattrs'], [file('p', '')], [file('p', '', { xattrs: new Map([['user.x', Buffer.alloc(0)]]) })]],
    [['xattrs'], [file('p', '', { xattrs: new Map([['user.y', Buffer.alloc(0)]]) })], [file('p', '', { xattrs: new Map([['user.x', Buffer.alloc(0)]]) })]],
    [['xattrs'], [file('p', '', { xattrs: new Map([['user.x', Buffer.alloc(1)]]) })], [file('p', '', { xattrs: new Map([['user.x', Buffer.alloc(2)]]) })]],
    [['type'], [file('p', '')], [folder('p')]],
    [['target'], [symlink('p', 'a')], [symlink('p', 'b')]],
    [['device'], [bare({ path: 'p', type: 'char', devMajor: 1 })], [bare({ path: 'p', type: 'char', devMajor: 2 })]],
    [['links'], [file('p', ''), file('q', '')], [file('p', ''), hardlink('q', 'p')]],
    [['content', 'mode', 'owner'], [file('p', 'a')], [file('p', 'b', { mode: 0, gid: 5 })]],
  ]
  for (const [what, before, after] of changes) {
    const { added, removed, changed } = await compare(before, after)
    expect({ added, removed, what: changed.find(({ path }) => path === 'p')?.what }).toEqual({ added: [], removed: [], what })
  }
})

test('large contents differ in one byte', async () => {
  const text = 'x'.repeat(300_000)
  expect((await compare([file('p', text)], [file('p', `${text.slice(1)}y`)])).changed).toEqual([{ path: 'p', what: ['content'] }])
})
