import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contentsOf, entry, file, link, type TestEntry, tarOf } from '../formats/oci/test-layouts.ts'
import { digestOf } from '../image/digest.ts'
import { memoryFile } from '../image/stream.ts'
import { planCleaning } from '../layers/clean-plan.ts'
import { tarLayer } from '../layers/tar-layer.ts'
import { imageLayers, type MadeLayer } from './image-layers.ts'
import { keepOwnLayers, type OwnLayer, openOwnLayer } from './own-layers.ts'
import { testFolder } from './test-root.ts'

const folder = testFolder()
let count = 0

function layer(...entries: readonly TestEntry[]) {
  const tar = tarOf(entries)
  const digest = digestOf(tar)
  const blob = { digest, size: tar.length, compression: 'none' } as const
  return tarLayer({ name: 'layer', file: memoryFile(tar, 'layer'), diffId: digest, blob, whiteouts: true })
}

async function keep(...layers: readonly ReturnType<typeof layer>[]) {
  const path = join(folder, String(++count))
  const notes: string[] = []
  const history = layers.map((_, index) => ({ created_by: `RUN ${index}` }))
  const kept = await keepOwnLayers(layers, [{ created_by: 'ENV', empty_layer: true }, ...history], path, (note) =>
    notes.push(note),
  )
  return { kept, path, notes }
}

const second = 1_000_000_000n
const logs = layer(
  entry({ path: 'var', type: 'directory', mtime: 5n }),
  file('var/log/x.log'),
  entry({ path: 'late', type: 'file', mtime: 7n * second + 1n }),
)
const removal = layer(file('.wh.late'), file('a'), entry({ path: 'b', type: 'hardlink', linkTarget: 'a' }))

function madeOf(kept: readonly OwnLayer[], path: string): readonly MadeLayer[] {
  return kept.map((own, number) => ({ key: 'k', title: own.title, content: { own, number, folder: path } }))
}

test('layers are kept as they are, and told by their history', async () => {
  const { kept, path } = await keep(logs, removal)
  expect(kept?.map(({ title, diffId, newest }) => [title, diffId, newest])).toEqual([
    ['RUN 0', logs.diffId, 8],
    ['RUN 1', removal.diffId, 0],
  ])
  expect(readdirSync(path)).toEqual(['0', '1'])
  expect(await contentsOf(await openOwnLayer(path, 1, kept![1]!))).toEqual(await contentsOf(removal))
})

test.each([
  ['hard links to other layers', [file('a')], [entry({ path: 'b', type: 'hardlink', linkTarget: 'a' })], /linked to a/],
  ['what lies behind a symbolic link', [link('run', 'var/run')], [file('run/x')], /behind the symbolic link run/],
])('%s: they become one', async (_, lower, upper, said) => {
  const { kept, path, notes } = await keep(layer(...lower), layer(...upper))
  expect(kept).toBeUndefined()
  expect(notes).toEqual([expect.stringMatching(said)])
  expect(existsSync(path)).toBe(false)
})

test('a symbolic link that a directory has replaced is none', async () => {
  const upper = layer(entry({ path: 'run', type: 'directory' }), file('run/x'))
  expect((await keep(layer(link('run', 'var')), upper)).kept).toHaveLength(2)
})

test('in the image they stay byte for byte what they are, where nothing is to be cleaned and no time is too late', async () => {
  const { kept, path } = await keep(logs, removal)
  const none = planCleaning({ preset: 'none', on: [], off: [] })
  const standard = planCleaning({ preset: 'standard', on: [], off: [] })
  const made = madeOf(kept!, path)
  const diffIds = async (clean: typeof none, epoch: number) =>
    (await imageLayers(made, 'steps', clean, epoch, () => {})).map((each) => each.diffId)
  expect(await diffIds(none, 8)).toEqual([logs.diffId, removal.diffId])
  expect(await diffIds(none, 7)).toEqual([undefined, removal.diffId])
  expect(await diffIds(standard, 8)).toEqual([undefined, undefined])
  const [cleaned] = await imageLayers(made, 'steps', standard, 8, () => {})
  expect(
    JSON.stringify(await contentsOf(cleaned!), (_, value) => (typeof value === 'bigint' ? 0 : value)),
  ).not.toContain('x.log"')
  const [squashed, ...more] = await imageLayers(made, 'squash', none, 8, () => {})
  expect(more).toEqual([])
  expect(squashed?.whiteouts).toBe(false)
})
