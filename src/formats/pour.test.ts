import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordsOf } from '../../test/support/records.ts'
import { item, tortureTree, treeImage } from '../../test/support/trees.ts'
import type { Layer } from '../image/layer.ts'
import { flatten } from '../layers/flatten.ts'
import { openImage, pour } from './pour.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-whole-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** As `tar --append` makes them: a path comes a second time, after much else; what it was before must not show. */
const irregular = [
  ...tortureTree.filter(({ header }) => header.path !== 'dev/null' && header.mtime >= 0n),
  item({ path: 'etc/os-release', type: 'file', mode: 0o600 }, 'ID=alpine\nVERSION_ID=3.22\n'),
  item({ path: 'var/empty', type: 'directory' }),
  item({ path: 'var/last', type: 'char', devMajor: 1, devMinor: 5 }),
]

test.each([
  ['rootfs', undefined, false],
  ['lxd', 'unified', false],
  ['lxd', 'split-tar', false],
  ['lxd', 'split-squashfs', true],
  ['proxmox', undefined, false],
  ['docker', undefined, false],
  ['oci-archive', undefined, false],
] as const)(
  'a tree in no good order is started anew, and nothing of the first attempt is left: %s %s',
  async (to, variant, wholeSeconds) => {
    const warnings: string[] = []
    const out = join(folder, 'image')
    const source = treeImage(irregular)
    const { files } = await pour([source], { to, variant, out, warn: (message) => warnings.push(message) })
    expect(readdirSync(folder).sort()).toEqual(files.map((file) => file.path.replace(/^.*\//, '')).sort())
    expect(new Set(warnings).size).toBe(warnings.length)

    const reference = files.length === 2 ? `lxd:${files.map((file) => file.path).join(',')}` : out
    const { image } = await openImage(reference)
    const expected = await recordsOf(flatten(source.layers))
    if (to === 'proxmox') expected.delete('var/last')
    if (wholeSeconds)
      for (const [path, r] of expected) expected.set(path, { ...r, mtime: r.mtime - (r.mtime % 1_000_000_000n) })
    const back = await recordsOf(image.layers[0]!)
    expect(Object.fromEntries(back)).toEqual(Object.fromEntries(expected))
    if (to === 'lxd') expect((await image.metadata()).properties).toMatchObject({ os: 'alpine', release: '3.22' })
  },
)

test('a directory is made anew for the second attempt', async (context) => {
  if (process.getuid?.() !== 0) context.skip('writing a directory needs root')
  const source = treeImage(irregular)
  await pour([source], { to: 'dir', out: join(folder, 'tree'), warn: () => undefined })
  expect(readdirSync(folder)).toEqual(['tree'])
  const { image } = await openImage(`dir:${join(folder, 'tree')}`)
  expect(await recordsOf(image.layers[0]!)).toEqual(await recordsOf(flatten(source.layers)))
})

test('an ordinary tree is read once', async () => {
  let opened = 0
  const source = treeImage(tortureTree)
  const whole = source.layers[0]!
  const layer: Layer = {
    ...whole,
    entries() {
      opened++
      return whole.entries()
    },
  }
  await pour([{ ...source, layers: [layer] }], { to: 'rootfs', out: join(folder, 'file'), warn: () => undefined })
  expect(opened).toBe(1)
})

test('any other failure is not tried again', async () => {
  let attempts = 0
  const source = treeImage(tortureTree)
  async function* broken() {
    attempts++
    yield* source.layers[0]!.entries()
    throw new Error('broken')
  }
  const layer: Layer = { name: 'x', whiteouts: false, entries: broken }
  const options = { to: 'rootfs', out: join(folder, 'x'), warn: () => undefined }
  await expect(pour([{ ...source, layers: [layer] }], options)).rejects.toThrow('broken')
  expect(attempts).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test.each(['oci', 'dir'])('reading a directory tells how much was read: %s', async (to) => {
  if (to === 'dir' && process.getuid?.() !== 0) return
  const out = join(folder, to)
  await pour([treeImage(tortureTree, {}, ['x:1'])], { to, out, warn: () => undefined })
  let read = 0
  let size = 0
  const watch = { onRead: (bytes: number) => (read += bytes), onSize: (bytes: number) => (size += bytes) }
  const { image } = await openImage(`${to}:${out}`, watch)
  const before = read
  for await (const entry of flatten(image.layers).entries()) for await (const _ of entry.body);
  expect(read - before).toBeGreaterThan(0)
  expect(size).toBe(image.layers.reduce((sum, layer) => sum + (layer.blob?.size ?? 0), 0))
  expect(size > 0).toBe(to === 'oci')
})
