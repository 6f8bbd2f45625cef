import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listImages } from '../../src/store/catalog/list.ts'
import { importImage } from '../../src/store/import.ts'
import { mountImage, unmountImage } from '../../src/store/mount.ts'
import { ownFolder, withStore, writeImage } from '../support/store.ts'

const folder = ownFolder('mount')

test('an image is mounted read-only, by the kernel or unpacked, and taken away again', async (context) => {
  if (process.getuid?.() !== 0) context.skip('mounting needs root')
  await withStore(join(folder, 'home'), async (store) => {
    await importImage(store, await writeImage(join(folder, 'in'), 'mounted', 'docker'), { aliases: ['m'] })
    const warn = () => undefined
    for (const unpack of [false, true]) {
      const at = join(folder, `at ${unpack}`)
      expect(await mountImage(store, 'm', at, { unpack, warn })).toBe(unpack ? 'unpacked' : 'squashfs')
      expect(readFileSync(join(at, 'zz-mark'), 'utf8')).toBe('mounted')
      expect(listImages(store.database)[0]!.lastUsedAt).toBeGreaterThan(0)
      expect(() => writeFileSync(join(at, 'new'), '')).toThrow(/EROFS/)
      await expect(mountImage(store, 'm', at, { warn })).rejects.toMatchObject({ code: 'exists' })
      await unmountImage(store, at)
      expect(readdirSync(at)).toEqual([])
      await expect(unmountImage(store, at)).rejects.toMatchObject({ code: 'not-found' })
      expect(readdirSync(join(store.path, 'mounts'))).toEqual([])
    }
    // What a killed process has unpacked goes with the next.
    mkdirSync(join(store.path, 'mounts', 'tree-killed'))
    const at = join(folder, 'last')
    await mountImage(store, 'm', at, { unpack: true, warn })
    expect(existsSync(join(store.path, 'mounts', 'tree-killed'))).toBe(false)
    await unmountImage(store, at)
    const foreign = join(folder, 'foreign')
    mkdirSync(foreign)
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', foreign]).status === 0) {
      await expect(unmountImage(store, foreign)).rejects.toMatchObject({ code: 'not-found' })
      execFileSync('umount', [foreign])
    }
  })
})
