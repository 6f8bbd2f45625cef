import { expect, test } from 'vitest'
import { flatten } from './flatten.ts'
import { changes, contentOf, file, folder, hardlink, layerOf, pathsOf, readTree, symlink } from './test-tree.ts'

test('an opaque marker hides lower layers, wherever it stands among its siblings', async () => {
  const lower = changes(folder('d'), file('d/old', ''), folder('d/sub'), file('d/sub/old', ''))
  const upper = [folder('d', { uid: 3 }), file('d/.wh..wh..opq', ''), file('d/new', ''), file('d/sub/new', '')]
  for (const order of [
    [0, 1, 2, 3],
    [0, 2, 3, 1],
    [1, 2, 3, 0],
  ]) {
    const tree = await readTree(flatten([lower, changes(...order.map((i) => upper[i]!))]))
    expect(Object.keys(tree)).toEqual(['', 'd', 'd/new', 'd/sub', 'd/sub/new'])
    expect(tree.d!.owner).toBe('3:0')
  }
})

test('an opaque marker deep down hides only there; one in a directory that lower layers lack does no harm', async () => {
  const lower = changes(file('a/x', ''), file('a/b/y', ''))
  expect(Object.keys(await readTree(flatten([lower, changes(file('a/b/.wh..wh..opq', ''))])))).toEqual([
    '',
    'a',
    'a/b',
    'a/x',
  ])
  expect(
    Object.keys(await readTree(flatten([lower, changes(file('new/.wh..wh..opq', ''), file('new/z', ''))]))),
  ).toEqual(['', 'a', 'a/b', 'a/b/y', 'a/x', 'new', 'new/z'])
})

test('a whiteout and a file of the same name in one layer: the file stays', async () => {
  for (const upper of [
    [file('.wh.a', ''), file('a', 'new')],
    [file('a', 'new'), file('.wh.a', '')],
  ]) {
    const flat = flatten([changes(file('a', 'old')), changes(...upper)])
    expect(await contentOf(flat, 'a')).toBe('new')
  }
})

test('a whiteout of a directory and then a new one of that name: nothing of the old one is left', async () => {
  const lower = changes(folder('d', { uid: 9, mode: 0o700 }), file('d/old', ''))
  const again = await readTree(flatten([lower, changes(file('.wh.d', ''), folder('d'), file('d/new', ''))]))
  expect(Object.keys(again)).toEqual(['', 'd', 'd/new'])
  const implied = await readTree(flatten([lower, changes(file('.wh.d', ''), file('d/new', ''))]))
  expect(implied.d).toMatchObject({ owner: '0:0', mode: 0o755 })
})

test('a whiteout of what never was is nothing', async () => {
  expect(
    Object.keys(await readTree(flatten([changes(file('a', '')), changes(file('.wh.b', ''), file('c/d/.wh.e', ''))]))),
  ).toContain('a')
})

test('a bare .wh. is refused', async () => {
  for (const path of ['.wh.', 'd/.wh.', 'd/.wh...', 'd/.wh..']) {
    await expect(readTree(flatten([changes(file(path, ''))]))).rejects.toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(path) }),
    )
  }
})

test('AUFS’s own files are for nobody', async () => {
  const aufs = [
    '.wh..wh.plnk/1.2',
    '.wh..wh.aufs',
    '.wh..wh.orph',
    '.wh..wh.plnk',
    '.wh..wh.plnk/.wh..wh..opq',
    '.wh..wh.plnk/.wh.a',
  ]
  expect(await pathsOf(flatten([changes(file('a', ''), ...aufs.map((path) => file(path, '')))]))).toEqual(['', 'a'])
})

test('whiteouts in the only layer vanish', async () => {
  expect(await pathsOf(flatten([changes(file('.wh.x', ''), file('d/.wh..wh..opq', ''), file('d/a', ''))]))).toEqual([
    '',
    'd',
    'd/a',
  ])
})

test('in a plain tree .wh. names are ordinary files', async () => {
  expect(await pathsOf(flatten([layerOf([file('.wh.x', ''), file('x', '')])]))).toEqual(['', '.wh.x', 'x'])
})

test('a whiteout beyond a symlink hides what is there', async () => {
  const lower = changes(file('usr/bin/a', ''), symlink('bin', 'usr/bin'))
  expect(Object.keys(await readTree(flatten([lower, changes(file('bin/.wh.a', ''))])))).toEqual([
    '',
    'bin',
    'usr',
    'usr/bin',
  ])
})

test('a link that a layer gives once more is that layer’s: its own whiteout leaves it', async () => {
  const lower = changes(file('a', 'x'), hardlink('b', 'a'))
  for (const upper of [
    [hardlink('b', 'a'), file('.wh.b', '')],
    [file('.wh.b', ''), hardlink('b', 'a')],
  ]) {
    expect(await pathsOf(flatten([lower, changes(...upper)]))).toEqual(['', 'a', 'b=a'])
  }
})
