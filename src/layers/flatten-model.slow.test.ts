import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalInOneReading } from './canonical.ts'
import { flatten } from './flatten.ts'
import { flattenInOneReading } from './flatten-in-one-reading.ts'
import { IrregularTree } from './irregular-tree.ts'
import { arbitraryImage, arbitraryOrderlyImage, arbitraryRoot } from './test-arbitrary.ts'
import { type PlainEntry, plainEntries, readTree } from './test-tree.ts'

test('flatten makes the tree that extracting the layers one by one makes', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryImage(), async ({ layers, tree }) => {
      expect(await readTree(flatten(layers))).toEqual(tree.records())
    }),
    { numRuns: 3000 },
  )
})

test('one reading from the top down gives what two readings give, entry for entry, or says that it cannot', async () => {
  let oneReading = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(arbitraryImage(), arbitraryOrderlyImage()), async ({ layers, tree }) => {
      let flat: readonly PlainEntry[]
      try {
        flat = await plainEntries(flattenInOneReading(layers))
      } catch (error) {
        if (!(error instanceof IrregularTree)) throw error
        return
      }
      oneReading++
      expect(flat).toEqual(await plainEntries(flatten(layers)))
      expect(await readTree(flattenInOneReading(layers))).toEqual(tree.records())
    }),
    { numRuns: 3000 },
  )
  expect(oneReading).toBeGreaterThan(1000)
})

test('a single tree in disorder is flattened as it would be extracted, and in one reading where that is possible', async () => {
  let oneReading = 0
  await fc.assert(
    fc.asyncProperty(arbitraryRoot(), async ({ layers, tree }) => {
      const [layer] = layers
      try {
        const canonical = canonicalInOneReading(layer!)
        expect(await plainEntries(canonical)).toEqual(await plainEntries(flatten(layers)))
        expect(await readTree(canonical)).toEqual(tree.records())
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
