import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EntryHeader } from '../image/entry.ts'
import { flatten } from './flatten.ts'
import { selectEntries } from './select.ts'
import { arbitraryImage } from './test-arbitrary.ts'
import { bare, contentOf, file, folder, hardlink, layerOf, pathsOf, readTree, type TestItem } from './test-tree.ts'

const tree = (...items: TestItem[]) => layerOf([folder(''), ...items], { canonical: true })
const without =
  (...paths: string[]) =>
  (header: EntryHeader) =>
    paths.includes(header.path) ? undefined : header

test('entries are left out and changed; without links to save, the layer is read once', async () => {
  const layer = tree(folder('a'), file('a/b', 'x'), file('c', 'y'))
  const selected = selectEntries(layer, (header) => (header.path === 'a/b' ? undefined : { ...header, uid: 9 }))
  expect(await readTree(selected)).toMatchObject({ a: { owner: '9:0' }, c: { owner: '9:0' } })
  expect(await pathsOf(selected)).toEqual(['', 'a', 'c'])
  expect(layer.readings).toBe(2)
})

test('when the first name is left out, the next kept one becomes the file and the rest its links', async () => {
  const layer = tree(file('a', 'text', { uid: 5, mode: 0o640 }), hardlink('b', 'a'), hardlink('c', 'b'), hardlink('d', 'c'), hardlink('e', 'a'))
  const selected = selectEntries(layer, without('a', 'c'))
  expect(await pathsOf(selected)).toEqual(['', 'b', 'd=b', 'e=b'])
  expect(await contentOf(selected, 'b')).toBe('text')
  expect((await readTree(selected))['e']).toMatchObject({ owner: '5:0', mode: 0o640, names: 'b d e' })
})

test('when a link in a chain is left out, the links to it lead to the file', async () => {
  expect(await pathsOf(selectEntries(tree(file('a', ''), hardlink('b', 'a'), hardlink('c', 'b')), without('b')))).toEqual(['', 'a', 'c=a'])
})

test('all names left out: nothing is left, and nothing is read again', async () => {
  const layer = tree(file('a', 'text'), hardlink('b', 'a'))
  expect(await pathsOf(selectEntries(layer, without('a', 'b')))).toEqual([''])
  expect(layer.readings).toBe(1)
})

test('a further name of a dropped file is judged by that file’s type and attributes', async () => {
  const layer = tree(bare({ path: 'null', type: 'char', devMajor: 1, devMinor: 3 }), hardlink('zero', 'null'), file('a', 'x', { uid: 7 }), hardlink('b', 'a'))
  const asked: string[] = []
  const selected = selectEntries(layer, (header) => {
    asked.push(`${header.path} ${header.type} ${header.uid}`)
    return header.type === 'char' || header.path === 'a' ? undefined : header
  })
  expect(await pathsOf(selected)).toEqual(['', 'b'])
  expect(asked).toEqual([' directory 0', 'null char 0', 'zero char 0', 'a file 7', 'b file 7'])
})

test('a device may live on under another name', async () => {
  const selected = selectEntries(tree(bare({ path: 'dev', type: 'char', devMajor: 1, devMinor: 3 }), hardlink('n', 'dev')), without('dev'))
  expect((await readTree(selected))['n']).toMatchObject({ type: 'char', device: '1:3' })
})

test('a header whose size became 0 has no content', async () => {
  const selected = selectEntries(tree(file('a', 'secret'), file('b', 'open')), (header) => (header.path === 'a' ? { ...header, size: 0 } : header))
  expect(await contentOf(selected, 'a')).toBe('')
  expect(await contentOf(selected, 'b')).toBe('open')
})

test('in a layer where a path comes twice, a link belongs to the file that was kept', async () => {
  const items = [bare({ path: 'a', type: 'char' }), file('a', 'text'), hardlink('b', 'a')]
  const selected = selectEntries(layerOf(items), (header) => (header.type === 'char' ? undefined : header))
  expect(await pathsOf(selected)).toEqual(['a', 'b=a'])
})

test('what is kept of any tree is what was there, link by link', async () => {
  const chosen = fc.tuple(arbitraryImage(), fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'a/a', 'a/b', 'b/a', 'c/b', 'b/c/a')))
  await fc.assert(
    fc.asyncProperty(chosen, async ([{ layers }, dropped]) => {
      const whole = flatten(layers)
      const gone = (path: string) => dropped.some((d) => path === d || path.startsWith(`${d}/`))
      const before = await readTree(whole)
      const expected = Object.entries(before)
        .filter(([path]) => !gone(path))
        .map(([path, record]) => {
          const names = record.names.split(' ').filter((name) => !gone(name))
          return [path, { ...record, names: names.length > 1 ? names.join(' ') : '' }]
        })
      const selected = selectEntries(whole, (header) => (gone(header.path) ? undefined : header))
      expect(await readTree(selected)).toEqual(Object.fromEntries(expected))
    }),
    { numRuns: 1000 },
  )
})
