import { expect, test } from 'vitest'
import { layerDelta } from './delta.ts'
import { file, folder, layerOf, pathsOf, type TestItem } from './test-tree.ts'

const tree = (...items: TestItem[]) => layerOf([folder(''), ...items], { canonical: true })

test('whiteouts come before all their siblings, also before those whose names sort below a dot', async () => {
  const lower = tree(folder('a'), folder('a/-'), file('a/b', ''), folder('a/c'), file('a/c/d', ''), file('z', ''))
  const upper = tree(folder('+', { uid: 1 }), folder('a'), folder('a/-', { uid: 1 }), file('a/e', 'new'))
  expect(await pathsOf(layerDelta(lower, upper))).toEqual(['', '.wh.z', '+', 'a', 'a/.wh.b', 'a/.wh.c', 'a/-', 'a/e'])
})
