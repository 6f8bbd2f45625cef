import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolderLock } from '../../host/lock.ts'
import { removeTree } from '../../host/remove-tree.ts'
import type { BuildHome } from '../home.ts'
import { keepOnly, listLayers, type PrunableLayer } from './layer-cache.ts'

export interface PruneWish {
  /** Layers that were not used for so many seconds go. */
  readonly unusedFor: number
  /** At most so many bytes stay: beyond that those go that were not used for longest. */
  readonly keep: number
  readonly dryRun: boolean
}

/**
 * Removes layers of builds that have had their time, and notes of builds of that age; waits until no build is going on. Returns the
 * layers that went, or would.
 */
export async function pruneLayers(home: BuildHome, wish: PruneWish): Promise<readonly PrunableLayer[]> {
  return await withFolderLock(home.layers, async () => {
    const now = Date.now()
    const all = await listLayers(home.layers)
    const goes = chooseLayers(all, wish, now)
    if (wish.dryRun) return goes
    await keepOnly(home.layers, new Set(all.filter((layer) => !goes.includes(layer)).map(({ key }) => key)))
    const { recipes, built, packed, digests, caches, packages, downloads } = home
    for (const folder of [recipes, built, packed, digests, caches, packages, downloads])
      await removeOld(folder, now - wish.unusedFor * 1000)
    await removeOld(home.locks, now)
    return goes
  })
}

/** Those that are too old, and of the others the oldest beyond the room there is. */
export function chooseLayers(
  layers: readonly PrunableLayer[],
  { unusedFor, keep }: Omit<PruneWish, 'dryRun'>,
  now: number,
): readonly PrunableLayer[] {
  let kept = 0
  return layers
    .toSorted((a, b) => b.lastUsed - a.lastUsed)
    .filter(({ lastUsed, bytes }) => {
      const stays = lastUsed > now - unusedFor * 1000 && kept + bytes <= keep
      if (stays) kept += bytes
      return !stays
    })
}

async function removeOld(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if ((await stat(path)).mtimeMs <= before) await removeTree(path)
  }
}
