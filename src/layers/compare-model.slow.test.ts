import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTrees } from './compare.ts'
import type { PathDifference } from './comparison.ts'
import { flatten } from './flatten.ts'
import { arbitraryImage, arbitraryRoot } from './test-arbitrary.ts'
import { type PathRecord, readTree, type TreeRecords } from './test-tree.ts'

/** The comparison as one would write it down first. */
function plainDifference(before: TreeRecords, after: TreeRecords, times: boolean): PathDifference[] {
  // A slash before all else: what a directory holds comes right after it.
  const order = (path: string) => path.replaceAll('/', '\0')
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return paths
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .flatMap((path): PathDifference[] => {
      if (!(path in before)) return [{ path, kind: 'added', what: [] }]
      if (!(path in after)) return [{ path, kind: 'removed', what: [] }]
      const what = whatDiffers(before[path]!, after[path]!, times)
      return what.length > 0 ? [{ path, kind: 'changed', what }] : []
    })
}

function whatDiffers(a: PathRecord, b: PathRecord, times: boolean): PathDifference['what'] {
  if (a.type !== b.type) return ['type']
  const what = {
    content: a.content !== b.content,
    mode: a.mode !== b.mode && a.type !== 'symlink',
    owner: a.owner !== b.owner,
    mtime: times && a.mtime !== b.mtime,
    xattrs: JSON.stringify(a.xattrs) !== JSON.stringify(b.xattrs),
    target: a.target !== b.target,
    device: a.device !== b.device,
    links: a.names !== b.names,
  }
  return (Object.keys(what) as (keyof typeof what)[]).filter((word) => what[word])
}

test('trees are compared as one would compare them path by path, hard links and all', async () => {
  let changes = 0
  const tree = fc.oneof(arbitraryImage(), arbitraryRoot())
  await fc.assert(
    fc.asyncProperty(tree, tree, fc.boolean(), async (one, two, times) => {
      const [before, after] = [flatten(one.layers), flatten(two.layers)]
      const expected = plainDifference(await readTree(before), await readTree(after), times)
      expect([...(await compareTrees(before, after, { times }))]).toEqual(expected)
      changes += expected.filter(({ kind }) => kind === 'changed').length
    }),
    { numRuns: 3000 },
  )
  expect(changes).toBeGreaterThan(1000)
})
