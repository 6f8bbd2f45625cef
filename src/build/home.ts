import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ioError } from '../image/error.ts'

/** The folders of `$INGOT_HOME` that builds use. */
export interface BuildHome {
  readonly path: string
  /** Recipes that were read and checked (recipe/recall.ts). */
  readonly recipes: string
  /** What bases and steps have made, by what it hangs on (cache/layer-cache.ts). */
  readonly layers: string
  /** Digests of files that bases and steps take in (cache/content.ts). */
  readonly digests: string
  /** Folders that `run` steps keep between builds. */
  readonly caches: string
  /** Files of bases on their way. */
  readonly downloads: string
  /** Packages that were downloaded (package-pool.ts). */
  readonly packages: string
  /** How layers were packed for the store (packed.ts). */
  readonly packed: string
  /** What became of builds (built.ts). */
  readonly built: string
  /** A folder for each layer that is or was being made, whose lock the maker has. */
  readonly locks: string
  readonly logs: string
  /** Work folders of running builds. */
  readonly work: string
}

/** The folders of a home, whether they are there or not. */
export function homeFolders(folder: string): BuildHome {
  const path = resolve(folder)
  const cache = (name: string) => join(path, 'cache', name)
  return {
    path,
    recipes: cache('recipes'),
    layers: cache('layers'),
    digests: cache('digests'),
    caches: cache('folders'),
    downloads: cache('downloads'),
    packages: cache('packages'),
    packed: cache('packed'),
    built: cache('built'),
    locks: cache('locks'),
    logs: join(path, 'logs'),
    work: join(path, 'tmp'),
  }
}

/** Makes the folders of a home that are not there yet: roots and caches of images are for root's eyes only. */
export function openHome(folder: string): BuildHome {
  const home = homeFolders(folder)
  const { path, ...folders } = home
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 })
    mkdirSync(join(path, 'cache'), { recursive: true, mode: 0o755 })
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw ioError(`create ${path}`, error)
  }
  return home
}
