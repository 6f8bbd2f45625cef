import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalInOneReading, IrregularTree } from './canonical.ts'
import { flatten } from './flatten.ts'
import { arbitraryImage, arbitraryRoot } from './test-arbitrary.ts'
import { readTree } from './test-tree.ts'

test('flatten makes the tree that extracting the layers one by one makes', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryImage(), async ({ layers, tree }) => {
      expect(await readTree(flatten(layers))).toEqual(tree.records())
    }),
    { numRuns: 3000 },
  )
})

test('a single tree in disorder is flattened as it would be extracted, and in one reading where that is possible', async () => {
  let oneReading = 0
  await fc.assert(
    fc.asyncProperty(arbitraryRoot(), async ({ layers, tree }) => {
      const [layer] = layers
      try {
        expect(await readTree(canonicalInOneReading(layer!))).toEqual(tree.records())
        oneReading++
      } catch (error) {
        if (!(error instanceof IrregularTree)) throw error
      }
      expect(await readTree(flatten(layers))).toEqual(tree.records())
    }),
    { numRuns: 2000 },
  )
  expect(oneReading).toBeGreaterThan(200)
})
