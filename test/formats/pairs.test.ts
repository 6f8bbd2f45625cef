import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openImage, pour } from '../../src/formats/pour.ts'
import type { SystemImage } from '../../src/image/system-image.ts'
import { flatten } from '../../src/layers/flatten.ts'
import { arbitraryTree } from '../support/arbitrary-tree.ts'
import { recordsOf, type TreeRecord, type TreeRecords } from '../support/records.ts'
import { type TreeItem, treeImage } from '../support/trees.ts'

// Every path through every pair of forms keeps everything that both can hold. What a form cannot hold is written here.
interface Form {
  readonly name: string
  readonly to: string
  readonly variant?: string
  readonly compression?: 'none' | 'gzip' | 'zstd' | 'xz'
  /** What reading this form back gives for a record; undefined = the form leaves the entry out (and warned). */
  readonly keeps?: (record: TreeRecord) => TreeRecord | undefined
  /** Whether this form can hold the tree at all; otherwise it must refuse. */
  readonly holds?: (records: TreeRecords) => boolean
}

const isAcl = (name: string) => name.startsWith('system.posix_acl_')
const dropXattrs = (record: TreeRecord, drop: (name: string) => boolean): TreeRecord => ({
  ...record,
  xattrs: Object.fromEntries(Object.entries(record.xattrs).filter(([name]) => !drop(name))),
})
const wholeSeconds = (mtime: bigint) => mtime - (((mtime % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)

const squashfs = (record: TreeRecord): TreeRecord => ({
  ...dropXattrs(record, isAcl),
  mtime: wholeSeconds(record.mtime),
})
const proxmox = (record: TreeRecord) => (record.type === 'char' || record.type === 'block' ? undefined : record)
const smallIds = (records: TreeRecords) =>
  [...records.values()].every((r) => proxmox(r) === undefined || (r.uid < 65536 && r.gid < 65536))

const forms: readonly Form[] = [
  { name: 'rootfs', to: 'rootfs', compression: 'none' },
  { name: 'rootfs.gz', to: 'rootfs', compression: 'gzip' },
  { name: 'rootfs.zst', to: 'rootfs', compression: 'zstd' },
  { name: 'dir', to: 'dir' },
  { name: 'lxd unified', to: 'lxd', variant: 'unified' },
  { name: 'lxd split-tar', to: 'lxd', variant: 'split-tar' },
  { name: 'lxd split-squashfs', to: 'lxd', variant: 'split-squashfs', keeps: squashfs },
  { name: 'oci', to: 'oci' },
  { name: 'oci-archive', to: 'oci-archive', compression: 'zstd' },
  { name: 'docker', to: 'docker' },
  { name: 'proxmox', to: 'proxmox', keeps: proxmox, holds: smallIds },
]
const isRoot = process.getuid?.() === 0
const pairs = forms.flatMap((a) => forms.map((b): [string, Form, Form] => [`${a.name} → ${b.name}`, a, b]))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-pairs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.for(pairs)('%s', async ([, first, second], context) => {
  if (!isRoot && (first.to === 'dir' || second.to === 'dir'))
    context.skip('writing owners and devices into a directory needs root')
  await fc.assert(
    fc.asyncProperty(arbitraryTree(), async (items) => {
      const work = mkdtempSync(join(folder, 'run-'))
      try {
        await throughBoth(work, items, first, second)
      } finally {
        rmSync(work, { recursive: true, force: true })
      }
    }),
    { numRuns: process.env.INGOT_SOAK ? 100 : 4, endOnFailure: true },
  )
})

async function throughBoth(work: string, items: readonly TreeItem[], first: Form, second: Form): Promise<void> {
  let image: SystemImage = treeImage(items)
  let expected = await recordsOf(flatten(image.layers, 'expected'))
  for (const [index, form] of [first, second].entries()) {
    const out = join(work, `out-${index}`)
    if (form.holds && !form.holds(expected)) {
      await expect(write(image, form, out)).rejects.toMatchObject({ code: 'unsupported' })
      expect(readdirSync(work).filter((name) => name.startsWith(`out-${index}`))).toEqual([])
      return
    }
    const reference = await write(image, form, out)
    image = (await openImage(reference, { architecture: 'x86_64' })).image
    expected = lose(expected, form.keeps ?? ((r) => r))
    const read = await recordsOf(flatten(image.layers, reference))
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(expected))
  }
}

async function write(image: SystemImage, form: Form, out: string): Promise<string> {
  await pour([image], {
    to: form.to,
    variant: form.variant,
    compression: form.compression ? { kind: form.compression } : undefined,
    out,
    names: ['pair:1'],
    warn: () => undefined,
  })
  if (existsSync(out)) return form.to === 'rootfs' ? `rootfs:${out}` : form.to === 'dir' ? `dir:${out}` : out
  const base = out.slice(out.lastIndexOf('/') + 1)
  const parts = readdirSync(join(out, '..'))
    .filter((name) => name.startsWith(`${base}.`))
    .sort()
  return `lxd:${parts.map((name) => join(out, '..', name)).join(',')}`
}

function lose(records: TreeRecords, keeps: (record: TreeRecord) => TreeRecord | undefined): TreeRecords {
  const left: TreeRecords = new Map()
  for (const [path, record] of records) {
    const kept = keeps(record)
    if (kept) left.set(path, kept)
  }
  return left
}
