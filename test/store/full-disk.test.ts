import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pour } from '../../src/formats/pour.ts'
import { listImages } from '../../src/store/catalog/list.ts'
import { checkStore } from '../../src/store/check.ts'
import { storeFolders } from '../../src/store/store.ts'
import { verifyImages } from '../../src/store/verify.ts'
import { ingot } from '../support/ingot.ts'
import { ownFolder, smallTree, withStore } from '../support/store.ts'
import { item, treeImage } from '../support/trees.ts'

const folder = ownFolder('full')

async function imageOf(bytes: number): Promise<string> {
  const noise = Buffer.alloc(bytes, 'all the same')
  const image = treeImage([...smallTree(`${bytes}`), item({ path: 'zz-noise', type: 'file' }, noise)])
  const out = join(folder, `image-${bytes}`)
  await pour([image], { to: 'rootfs', compression: { kind: 'none' }, out, warn: () => {}, force: true })
  return out
}

test('a disk that fills up while images come in: a clear error, nothing left behind, and room for a smaller one', async () => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk])
  if (mounted.status !== 0) throw new Error(`this test needs root: ${mounted.stderr}`)
  const home = join(disk, 'home')
  const run = (...args: string[]) => ingot(args, { env: { INGOT_HOME: home } })
  try {
    expect(await run('image', 'import', await imageOf(1_000_000), '--alias', 'small')).toMatchObject({ status: 0 })
    const free = () => statfsSync(disk).bavail
    const before = free()
    for (let i = 0; i < 3; i++) {
      const large = await run('image', 'import', await imageOf(8_000_000), '--alias', 'large')
      expect(large.status).toBe(11)
      expect(large.stderr).toMatch(/no space left/i)
      const rendition = await run(
        'image',
        'export',
        'small',
        join(folder, 'out.tar'),
        '--to',
        'docker',
        '--name',
        'x:1',
      )
      expect([0, 4]).toContain(rendition.status)
    }
    expect(readdirSync(storeFolders(home).temporary)).toEqual([])
    // Even the catalog has no room: the rest is used up to the last block.
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=4096'])
    expect(free()).toBe(0)
    for (let i = 0; i < 12; i++) {
      const changed = await run('image', 'set-property', 'small', `note-${i}`, 'x'.repeat(100_000))
      if (changed.status === 0) continue
      expect(changed.status).toBe(11)
      expect(changed.stderr).toMatch(/no space left|cannot be read or written/)
    }
    expect(await run('image', 'alias', 'list')).toMatchObject({ status: 0 })
    const deleted = await run('image', 'delete', 'small')
    expect(deleted.status, deleted.stderr).toBe(0)
    expect(readdirSync(storeFolders(home).blobs)).toEqual([])
    writeFileSync(join(disk, 'filler'), '')
    expect(await run('image', 'import', await imageOf(1_000_000), '--alias', 'small')).toMatchObject({ status: 0 })
    await withStore(home, async (store) => {
      expect(listImages(store.database).map((image) => image.aliases[0]!.name)).toEqual(['small'])
      for await (const { problems } of verifyImages(store)) expect(problems).toEqual([])
      expect(await checkStore(store, false)).toEqual([])
    })
    expect(before - free()).toBeLessThan(600)
  } finally {
    execFileSync('umount', [disk])
  }
})
