import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openImage, pour } from '../../src/formats/pour.ts'
import { IngotError } from '../../src/image/error.ts'
import { flatten } from '../../src/layers/flatten.ts'
import { tortureTree, treeImage } from '../support/trees.ts'
import { mutate, randomFrom } from './mutate.ts'

// Damaged images of every format, for a minute in CI and ten in `npm run soak`: each must give an image or an IngotError,
// in bounded time and memory. A failure names the seed; the same seed makes the same damage.
const seconds = process.env.INGOT_SOAK ? 600 : 60
const cases = [
  { name: 'rootfs, plain', to: 'rootfs', compression: 'none', share: 4 },
  { name: 'rootfs, gzip', to: 'rootfs', compression: 'gzip', share: 1 },
  { name: 'rootfs, zstd', to: 'rootfs', compression: 'zstd', share: 1 },
  { name: 'rootfs, xz', to: 'rootfs', compression: 'xz', share: 1 },
  { name: 'lxd, unified', to: 'lxd', variant: 'unified', compression: 'none', share: 2 },
  { name: 'lxd, split squashfs', to: 'lxd', variant: 'split-squashfs', compression: 'gzip', share: 1 },
  { name: 'oci archive', to: 'oci-archive', compression: 'none', share: 3 },
  { name: 'docker archive', to: 'docker', compression: 'none', share: 3 },
  { name: 'proxmox', to: 'proxmox', compression: 'none', share: 1 },
] as const

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-fuzz-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const warn = () => undefined
const limits = { maxBytes: 64 << 20, maxRatio: 1100 }
const shares = cases.reduce((sum, c) => sum + c.share, 0)

test.each(cases)('$name', { timeout: seconds * 1000 + 60_000 }, async (c) => {
  const home = join(folder, c.name.replaceAll(/\W+/g, '-'))
  mkdirSync(home)
  const names = c.to === 'docker' || c.to === 'oci-archive' ? ['fuzz:1'] : []
  await pour([treeImage(tortureTree)], {
    to: c.to,
    variant: 'variant' in c ? c.variant : undefined,
    compression: { kind: c.compression },
    out: `${home}/image`,
    names,
    warn,
  })
  const files = readdirSync(home)
    .sort()
    .map((name) => join(home, name))
  const originals = files.map((file) => readFileSync(file))
  const reference = files.length === 2 ? `lxd:${files.join(',')}` : files[0]!
  await readAll(reference)

  const outcomes = { read: 0, refused: 0 }
  const end = Date.now() + (seconds * 1000 * c.share) / shares
  for (let seed = 1; Date.now() < end; seed++) {
    const random = randomFrom(seed)
    const which = Math.floor(random() * files.length)
    writeFileSync(files[which]!, mutate(originals[which]!, random))
    const started = Date.now()
    try {
      await readAll(reference)
      outcomes.read++
    } catch (error) {
      if (!(error instanceof IngotError))
        throw new Error(`${c.name}, seed ${seed}: not an IngotError`, { cause: error })
      expect(error.message, `seed ${seed}`).not.toMatch(/undefined|\[object/)
      outcomes.refused++
    }
    expect(Date.now() - started, `seed ${seed}: too slow`).toBeLessThan(10_000)
    writeFileSync(files[which]!, originals[which]!)
  }
  expect(outcomes.refused).toBeGreaterThan(10)
  expect(process.memoryUsage().rss).toBeLessThan(1 << 30)
  expect(statSync(files[0]!).size).toBe(originals[0]!.length)
})

/** Reads an image to its last byte, as a conversion would. */
async function readAll(reference: string): Promise<void> {
  const { image } = await openImage(reference, { limits, architecture: 'x86_64' })
  await image.metadata()
  for await (const entry of flatten(image.layers, image.source).entries()) {
    for await (const chunk of entry.body) expect(chunk.length).toBeGreaterThan(0)
  }
}
