import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flatten } from './flatten.ts'
import { selectEntries } from './select.ts'
import { arbitraryImage } from './test-arbitrary.ts'
import { bare, file, hardlink, layerOf, pathsOf, readTree } from './test-tree.ts'

test('what is kept of any tree is what was there, link by link', async () => {
  const somePaths = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'a/a', 'a/b', 'b/a', 'c/b', 'b/c/a'))
  await fc.assert(
    fc.asyncProperty(arbitraryImage(), somePaths, async ({ layers }, dropped) => {
      const whole = flatten(layers)
      const gone = (path: string) => dropped.some((d) => path === d || path.startsWith(`${d}/`))
      const expected = Object.entries(await readTree(whole))
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

test('in a layer where a path comes twice, a link belongs to the file that was kept', async () => {
  const items = [bare({ path: 'a', type: 'char' }), file('a', 'text'), hardlink('b', 'a')]
  const selected = selectEntries(layerOf(items), (header) => (header.type === 'char' ? undefined : header))
  expect(await pathsOf(selected)).toEqual(['a', 'b=a'])
})
