import fc from 'fast-check'
import { ModelTree, Refused } from './test-model.ts'
import { bare, file, folder, hardlink, layerOf, symlink, type TestItem, type TestLayer } from './test-tree.ts'

const name = fc.constantFrom('a', 'b', 'c', 'd')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const fields = fc.record({
  mode: fc.constantFrom(0o644, 0o755, 0o4711, 0o1777, 0),
  uid: fc.nat(3),
  gid: fc.nat(3),
  mtime: fc.bigInt({ min: -5n, max: 5n }),
  xattrs: fc.constantFrom(new Map<string, Buffer>(), new Map([['user.x', Buffer.from([0, 1])]])),
})
const target = fc.constantFrom('a', 'b', 'c', '/a', '/b/c', '../a', '../../..', '.', './b/../c', 'missing', '/')

const plain: fc.Arbitrary<TestItem> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(path, fc.string({ maxLength: 3 }), fields).map(([p, text, f]) => file(p, text, f)) },
  { weight: 4, arbitrary: fc.tuple(path, fields).map(([p, f]) => folder(p, f)) },
  { weight: 3, arbitrary: fc.tuple(path, path).map(([p, to]) => hardlink(p, to)) },
  { weight: 2, arbitrary: fc.tuple(path, target, fields).map(([p, to, f]) => symlink(p, to, f)) },
  { weight: 1, arbitrary: fc.tuple(path, fields).map(([p, f]) => bare({ path: p, type: 'fifo', ...f })) },
  { weight: 1, arbitrary: fields.map((f) => folder('', f)) },
)
const marker = fc.oneof(
  { weight: 3, arbitrary: path.map((p) => file(p.replace(/[^/]*$/, '.wh.$&'), '')) },
  { weight: 1, arbitrary: path.map((p) => file(`${p}/.wh..wh..opq`, '')) },
  { weight: 1, arbitrary: fc.constant(file('.wh..wh..opq', '')) },
)

export interface TestImage {
  readonly layers: readonly TestLayer[]
  readonly tree: ModelTree
  /** How fast-check prints a counterexample. */
  [fc.toStringMethod](): string
}

/** Images of one to four layers. What the model refuses is left out, so that the rest has an answer. */
export function arbitraryImage(): fc.Arbitrary<TestImage> {
  const layer = fc.array(fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: marker }), { maxLength: 10 })
  return fc.array(layer, { minLength: 1, maxLength: 4 }).map((layers) => accepted(layers, true))
}

/** Images as container engines write them: each layer has the directories above what it changes, before it, and no path twice. */
export function arbitraryOrderlyImage(): fc.Arbitrary<TestImage> {
  const item = fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: marker })
  const layer = fc.array(item, { maxLength: 8 }).map(inOrder)
  return fc.array(layer, { minLength: 1, maxLength: 4 }).map((layers) => accepted(layers, true))
}

function inOrder(items: readonly TestItem[]): TestItem[] {
  const ordered = new Map<string, TestItem>()
  for (const item of items) {
    const parts = item.header.path.split('/')
    const parents = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
    if (parents.some((path) => ordered.has(path) && ordered.get(path)!.header.type !== 'directory')) continue
    if (item.header.type === 'hardlink' && !ordered.has(item.header.linkTarget)) continue
    for (const path of parents) if (!ordered.has(path)) ordered.set(path, folder(path))
    if (!ordered.has(item.header.path)) ordered.set(item.header.path, withFileAttributes(item, ordered))
  }
  return [...ordered.values()]
}

/** A link whose entry says of its file what the file's own entry says. */
function withFileAttributes({ header, data }: TestItem, items: ReadonlyMap<string, TestItem>): TestItem {
  const file = header.type === 'hardlink' ? items.get(header.linkTarget)?.header : undefined
  if (!file) return { header, data }
  const { mode, uid, gid, mtime, xattrs } = file
  return { header: { ...header, mode, uid, gid, mtime, xattrs }, data }
}

/** One layer without whiteouts, in any disorder. */
export function arbitraryRoot(): fc.Arbitrary<TestImage> {
  return fc.array(plain, { maxLength: 14 }).map((items) => accepted([items], false))
}

function accepted(layers: readonly (readonly TestItem[])[], whiteouts: boolean): TestImage {
  const tree = new ModelTree()
  const kept = layers.map((items, index) => items.filter((item) => isAccepted(tree, item, index, whiteouts)))
  const text = kept.map((items) =>
    items.map(({ header }) => `${header.type} ${header.path} ${header.linkTarget}`.trim()),
  )
  return {
    tree,
    layers: kept.map((items) => layerOf(items, { whiteouts })),
    [fc.toStringMethod]: () => JSON.stringify(text),
  }
}

function isAccepted(tree: ModelTree, item: TestItem, layer: number, whiteouts: boolean): boolean {
  try {
    tree.apply(item, layer, whiteouts)
    return true
  } catch (error) {
    if (error instanceof Refused) return false
    throw error
  }
}
