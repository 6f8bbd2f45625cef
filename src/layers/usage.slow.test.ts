import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flatten } from './flatten.ts'
import { arbitraryImage, arbitraryOrderlyImage } from './test-arbitrary.ts'
import { changes, file, folder, hardlink, plainEntries } from './test-tree.ts'
import { usageOf } from './usage.ts'

test('layers, what is wasted in them, and the largest folders', async () => {
  const lower = changes(
    folder('etc'),
    file('etc/a', '12345'),
    folder('usr'),
    folder('usr/lib'),
    file('usr/lib/x', '1234567890'),
    hardlink('usr/lib/y', 'usr/lib/x'),
  )
  const upper = changes(folder('etc'), file('etc/a', '123'), folder('usr'), file('usr/.wh.nothing', ''))
  expect(await usageOf([lower, upper])).toEqual({
    bytes: 13,
    layers: [
      { entries: 6, bytes: 15, wasted: 5, deleted: 0 },
      { entries: 4, bytes: 3, wasted: 0, deleted: 1 },
    ],
    folders: [
      { path: 'usr', bytes: 10, files: 1 },
      { path: 'usr/lib', bytes: 10, files: 1 },
      { path: 'etc', bytes: 3, files: 1 },
    ],
  })
})

test('wasted bytes are those that are not in the flattened tree, in whatever order the layers are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(arbitraryImage(), arbitraryOrderlyImage()), async ({ layers }) => {
      const { bytes, layers: usages } = await usageOf(layers)
      const flat = await plainEntries(flatten(layers))
      const left = flat.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0)
      expect(bytes).toBe(left)
      expect(usages.reduce((sum, layer) => sum + layer.bytes - layer.wasted, 0)).toBe(left)
    }),
    { numRuns: 1000 },
  )
})
