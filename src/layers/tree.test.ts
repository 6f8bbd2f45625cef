import { expect, test } from 'vitest'
import { item, type TreeItem } from '../../test/support/trees.ts'
import { directory, NodeTable, nowhere, other } from './node-table.ts'
import { Tree } from './tree.ts'

const file = (path: string) => item({ path, type: 'file' })
const folder = (path: string) => item({ path, type: 'directory' })
const link = (path: string, linkTarget: string) => item({ path, type: 'symlink', linkTarget })

function treeOf(items: readonly TreeItem[], keepDirlinks = false): Tree {
  const tree = new Tree({ keepDirlinks })
  items.forEach(({ header }, i) => {
    tree.add(header, 0, i, 'test')
  })
  return tree
}

test('symlinks that each lead through the one before twice are bounded', () => {
  const chain = [folder('l0'), ...Array.from({ length: 60 }, (_, i) => link(`l${i + 1}`, `l${i}/../l${i}`))]
  const tree = treeOf(chain)
  const at = tree.find('l5/..', 'test')
  expect(at).toBeUndefined()
  expect(tree.resolve('l4')).toBe(tree.resolve('l0'))
  expect(tree.resolve('l60')).toBeUndefined()
  expect(() => treeOf([...chain, file('l60/x')])).toThrow(/l60\/x leads through a loop of symlinks/)
})

test('a path leads through forty symlinks and no more, as in Linux', () => {
  const chain = (length: number) => [folder('l0'), ...Array.from({ length }, (_, i) => link(`l${i + 1}`, `l${i}`))]
  expect(treeOf(chain(40)).resolve('l40')).toBe(1)
  expect(treeOf(chain(41)).resolve('l41')).toBeUndefined()
  const many = Array.from({ length: 50 }, (_, i) => [folder('d'.repeat(i + 1)), link(`${'d'.repeat(i + 1)}/self`, '.')])
  expect(() => treeOf([...many.flat(), file(`d/${'self/'.repeat(41)}x`)])).toThrow(/loop/)
})

test('.. stops at the root, also of an absolute symlink', () => {
  const tree = treeOf([
    folder('etc'),
    file('etc/passwd'),
    link('up', '../../../../etc'),
    link('etc/abs', '/../etc/./passwd'),
  ])
  expect(tree.resolve('up/passwd')).toBe(tree.find('etc/passwd', 'test'))
  expect(tree.resolve('etc/abs')).toBe(tree.find('etc/passwd', 'test'))
  expect(tree.resolve('etc/passwd/..')).toBeUndefined()
})

test('a loop that is only there does no harm; a directory may replace it, also with keepDirlinks', () => {
  for (const keepDirlinks of [false, true]) {
    const tree = treeOf([link('a', 'b'), link('b', 'a'), folder('a'), file('a/x')], keepDirlinks)
    expect(tree.nodes.kind(tree.find('a', 'test')!)).toBe(directory)
    expect(tree.find('a/x', 'test')).toBeDefined()
  }
})

test('trees deeper than the call stack', () => {
  const tree = new Tree()
  const depth = 10_000
  let path = 'd'
  for (let i = 0; i < depth; i++, path += '/d') tree.add(folder(path).header, 0, i, 'test')
  expect([...tree.subtree(0)]).toHaveLength(depth + 1)
  tree.whiteout('d', 1, 'test')
  expect([...tree.subtree(0)]).toEqual([0])
})

test('a node table finds what is there, through growth, removal and names made again', () => {
  const nodes = new NodeTable({ children: true })
  const seen = new Map<string, number>()
  const make = (name: string) => nodes.create(0, name, 0, name.length, other, 1, 2)
  const find = (name: string) => nodes.child(0, name, 0, name.length)
  for (let i = 0; i < 20_000; i++) seen.set(`n${i}`, make(`n${i}`))
  for (let i = 0; i < 20_000; i += 3) nodes.remove(seen.get(`n${i}`)!)
  for (let i = 0; i < 20_000; i += 6) seen.set(`n${i}`, make(`n${i}`))
  for (let i = 0; i < 20_000; i++) {
    const gone = i % 3 === 0 && i % 6 !== 0
    if (find(`n${i}`) !== (gone ? nowhere : seen.get(`n${i}`))) throw new Error(`n${i}`)
  }
  const live = [...seen].filter(([name]) => find(name) !== nowhere).map(([, node]) => node)
  expect(nodes.children(0).sort((a, b) => a - b)).toEqual(live.sort((a, b) => a - b))
  expect(find('n')).toBe(nowhere)
  expect(find('n1x')).toBe(nowhere)
  expect(nodes.pathOf(seen.get('n19999')!)).toBe('n19999')
})

test('a node is at its own path only', () => {
  const { nodes } = treeOf([folder('usr'), folder('usr/bin'), file('usr/bin/caf\xe9')])
  const node = nodes.child(nodes.child(nodes.child(0, 'usr', 0, 3), 'bin', 0, 3), 'caf\xe9', 0, 4)
  expect(nodes.pathOf(node)).toBe('usr/bin/caf\xe9')
  expect(nodes.isAt(node, 'usr/bin/caf\xe9')).toBe(true)
  for (const path of [
    '',
    'caf\xe9',
    'bin/caf\xe9',
    'usr-bin/caf\xe9',
    'usr/bin/cafe',
    'x/usr/bin/caf\xe9',
    'xusr/bin/caf\xe9',
    'usr/bin',
  ]) {
    expect(nodes.isAt(node, path), path).toBe(false)
  }
  expect(nodes.isAt(0, '')).toBe(true)
  expect(nodes.isAt(0, 'usr')).toBe(false)
})
