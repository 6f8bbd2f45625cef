import { expect, test } from 'vitest'
import { recordsOf, type TreeRecords } from '../../test/support/records.ts'
import { item, type TreeItem, treeLayer } from '../../test/support/trees.ts'
import type { EntryHeader } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { type Decide, selectEntries } from './select.ts'

const file = (path: string, content = 'content') => item({ path, type: 'file', uid: 7, mode: 0o751 }, content)
const hard = (path: string, linkTarget: string) => item({ path, type: 'hardlink', linkTarget })

function readings(items: readonly TreeItem[]): { layer: Layer; count(): number } {
  let count = 0
  const inner = treeLayer(items)
  const entries = () => {
    count++
    return inner.entries()
  }
  return { layer: { ...inner, entries }, count: () => count }
}

const without =
  (...paths: string[]): Decide =>
  (header) =>
    paths.includes(header.path) ? undefined : header

async function select(items: readonly TreeItem[], decide: Decide): Promise<TreeRecords> {
  return await recordsOf(selectEntries(treeLayer(items), decide))
}

async function records(...items: TreeItem[]): Promise<TreeRecords> {
  return await recordsOf(treeLayer(items))
}

test('what is dropped is gone, the rest is as it was, and one reading is enough', async () => {
  const { layer, count } = readings([file('a'), file('b'), hard('c', 'b'), file('d')])
  const kept = selectEntries(layer, without('a', 'c'))
  expect(await recordsOf(kept)).toEqual(await records(file('b'), file('d')))
  expect(count()).toBe(1)
})

test('a dropped first name: the next one becomes the file, with content and attributes', async () => {
  const { layer, count } = readings([file('a'), hard('b', 'a'), file('z')])
  expect(await recordsOf(selectEntries(layer, without('a')))).toEqual(await records(file('b'), file('z')))
  expect(count()).toBe(2)
})

test('of several kept names the first is the file, the others its links', async () => {
  const items = [file('a'), hard('b', 'a'), hard('c', 'a'), hard('d', 'a')]
  expect(await select(items, without('a', 'c'))).toEqual(await records(file('b'), hard('d', 'b')))
})

test('links to links', async () => {
  const chain = [file('a'), hard('b', 'a'), hard('c', 'b'), hard('d', 'c')]
  expect(await select(chain, without('a'))).toEqual(await records(file('b'), hard('c', 'b'), hard('d', 'b')))
  expect(await select(chain, without('b'))).toEqual(await records(file('a'), hard('c', 'a'), hard('d', 'a')))
  expect(await select(chain, without('a', 'b', 'c'))).toEqual(await records(file('d')))
  expect(await select(chain, without('a', 'b', 'c', 'd'))).toEqual(new Map())
})

test('several files at once keep their own contents', async () => {
  const items = [file('a', '1'), file('b', '2'), hard('x', 'b'), hard('y', 'a')]
  expect(await select(items, without('a', 'b'))).toEqual(await records(file('x', '2'), file('y', '1')))
})

test('device nodes and symlinks have several names too', async () => {
  const device = (path: string) => item({ path, type: 'char', devMajor: 1, devMinor: 3, mode: 0o666 })
  const link = (path: string) => item({ path, type: 'symlink', linkTarget: 'x' })
  expect(await select([device('a'), hard('b', 'a')], without('a'))).toEqual(await records(device('b')))
  expect(await select([link('a'), hard('b', 'a')], without('a'))).toEqual(await records(link('b')))
  const noDevices: Decide = (header) => (header.type === 'char' ? undefined : header)
  expect(await select([device('a'), hard('b', 'a'), hard('c', 'b')], noDevices)).toEqual(new Map())
})

test('a further name of a dropped file is asked about with that file’s own attributes, and told so', async () => {
  const asked: [string, string, number, string | undefined][] = []
  await select([file('a'), hard('b', 'a'), hard('c', 'a')], (header, dropped) => {
    asked.push([header.path, header.type, header.uid, dropped?.path])
    return header.path === 'c' ? header : undefined
  })
  expect(asked).toEqual([
    ['a', 'file', 7, undefined],
    ['b', 'file', 7, 'a'],
    ['c', 'file', 7, 'a'],
  ])
})

test('an emptied file has no content, its links go on to lead to it; other changes keep the content', async () => {
  const change: Decide = (header) => {
    if (header.path === 'a') return { ...header, size: 0 }
    return header.path === 'z' ? { ...header, mode: 0o600 } : header
  }
  const expected = await records(
    file('a', ''),
    hard('b', 'a'),
    item({ path: 'z', type: 'file', uid: 7, mode: 0o600 }, 'z'),
  )
  expect(await select([file('a'), hard('b', 'a'), file('z', 'z')], change)).toEqual(expected)
})

test('a name that takes over may be changed as well', async () => {
  const decide: Decide = (header) =>
    header.path === 'a' ? undefined : header.path === 'b' ? { ...header, size: 0 } : header
  expect(await select([file('a'), hard('b', 'a'), hard('c', 'a')], decide)).toEqual(
    await records(file('b', ''), hard('c', 'b')),
  )
})

test('a hard link may become an empty file, and lets go of the other names', async () => {
  const empty = (header: EntryHeader): EntryHeader => ({ ...header, type: 'file', linkTarget: '', uid: 7, mode: 0o751 })
  const decide: Decide = (header) => (header.path === 'b' ? empty(header) : header)
  expect(await select([file('a'), hard('b', 'a'), hard('c', 'b')], decide)).toEqual(
    await records(file('a'), hard('c', 'a'), file('b', '')),
  )
})

test('what the layer says of itself stays', () => {
  const layer: Layer = {
    ...treeLayer([]),
    name: 'n',
    whiteouts: true,
    canonical: true,
    diffId: `sha256:${'0'.repeat(64)}`,
  }
  expect(selectEntries(layer, (header) => header)).toMatchObject({ name: 'n', whiteouts: true, canonical: true })
  expect(selectEntries(layer, (header) => header).diffId).toBeUndefined()
})
