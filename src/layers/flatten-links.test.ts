import { expect, test } from 'vitest'
import { flatten } from './flatten.ts'
import { bare, changes, contentOf, file, folder, hardlink, pathsOf, readTree, symlink } from './test-tree.ts'

const acl = Buffer.from([2, 0, 0, 0])

test('two names of one file, an upper layer rewrites one: the other keeps the old content', async () => {
  const flat = flatten([changes(file('a', 'old'), hardlink('b', 'a')), changes(file('a', 'new'))])
  expect(await contentOf(flat, 'a')).toBe('new')
  expect(await contentOf(flat, 'b')).toBe('old')
  expect((await readTree(flat)).b!.names).toBe('')
})

test('two names of one file, an upper layer deletes the first: the second becomes the file', async () => {
  const flat = flatten([
    changes(file('a', 'old', { uid: 7, mode: 0o600 }), hardlink('b', 'a'), hardlink('c', 'a')),
    changes(file('.wh.a', '')),
  ])
  expect(await pathsOf(flat)).toEqual(['', 'b', 'c=b'])
  expect(await contentOf(flat, 'b')).toBe('old')
  expect((await readTree(flat)).b).toMatchObject({ owner: '7:0', mode: 0o600, names: 'b c' })
})

test('a link to a file of a lower layer keeps the file alive when its own name is taken away further up', async () => {
  const flat = flatten([changes(file('a', 'old')), changes(hardlink('b', 'a')), changes(file('.wh.a', ''))])
  expect(await pathsOf(flat)).toEqual(['', 'b'])
  expect(await contentOf(flat, 'b')).toBe('old')
})

test('a link to a link, also when both stand before the file', async () => {
  for (const items of [
    [file('a', 'x'), hardlink('b', 'a'), hardlink('c', 'b')],
    [hardlink('c', 'b'), hardlink('b', 'a'), file('a', 'x')],
  ]) {
    const flat = flatten([changes(...items)])
    expect(await pathsOf(flat)).toEqual(['', 'a', 'b=a', 'c=a'])
    expect(await contentOf(flat, 'a')).toBe('x')
  }
})

test('a link has its file’s attributes, whatever its own entry says', async () => {
  const flat = flatten([
    changes(
      file('a', 'x', { mode: 0o4755, uid: 5, xattrs: new Map([['user.x', acl]]) }),
      hardlink('b', 'a', { mode: 0, uid: 9 }),
    ),
  ])
  for await (const entry of flat.entries()) {
    if (entry.path !== '') expect(entry).toMatchObject({ mode: 0o4755, uid: 5, xattrs: new Map([['user.x', acl]]) })
  }
})

test('a link to a symlink, a device or a FIFO is one more name of it', async () => {
  const nodes = [
    symlink('l', 'nowhere'),
    bare({ path: 'n', type: 'char', devMajor: 1, devMinor: 3 }),
    bare({ path: 'p', type: 'fifo' }),
  ]
  const flat = flatten([changes(...nodes, hardlink('l2', 'l'), hardlink('n2', 'n'), hardlink('p2', 'p'))])
  const tree = await readTree(flat)
  expect(tree.l2).toMatchObject({ type: 'symlink', target: 'nowhere', names: 'l l2' })
  expect(tree.n2).toMatchObject({ type: 'char', device: '1:3', names: 'n n2' })
  expect(tree.p2).toMatchObject({ type: 'fifo', names: 'p p2' })
})

test('a link to what is not there, or to a directory, is refused by name', async () => {
  await expect(readTree(flatten([changes(hardlink('b', 'a'))]))).rejects.toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(/test: b .*\ba\b/) }),
  )
  await expect(readTree(flatten([changes(folder('a'), hardlink('b', 'a'))]))).rejects.toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('directory') }),
  )
  const hidden = [changes(file('a', 'x')), changes(file('.wh.a', '')), changes(hardlink('b', 'a'))]
  await expect(readTree(flatten(hidden))).rejects.toThrow(expect.objectContaining({ code: 'bad-input' }))
})

test('a file with very many names takes no longer than its names', async () => {
  const names = Array.from({ length: 60_000 }, (_, i) => hardlink(`n${i}`, 'a'))
  expect(await pathsOf(flatten([changes(file('a', 'x'), ...names)]))).toHaveLength(60_002)
})
