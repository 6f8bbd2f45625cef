import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, forgetRefused, giveToPool, takeFromPool } from '../package-pool.ts'
import type { PackageManager } from './packages/types.ts'
import { succeed } from './succeed.ts'
import type { StepContext, StepRunner } from './types.ts'

export const packagesStep: StepRunner<'packages'> = {
  title({ install, remove }) {
    return `packages: ${[...install, ...remove.map((name) => `without ${name}`)].join(', ')}`
  },
  async apply(wish, context) {
    const { managerOf } = await import('./packages/registry.ts')
    const manager = managerOf(context.root)
    const downloads = openDownloads(manager, context)
    const fetched = downloads.binds.flatMap(({ source, target }) =>
      filesBelow(source).map((path) => join(target, path)),
    )
    for (const { what, args, accept } of manager.commands(wish, { root: context.root, fetched })) {
      const command = [`/${manager.program}`, ...args]
      try {
        await succeed(context, `${manager.name} ${what}`, { command, binds: downloads.binds }, accept)
      } catch (error) {
        downloads.forgetRefused()
        throw error
      } finally {
        downloads.keep()
      }
    }
    manager.finish?.(wish, context)
  },
}

/**
 * A manager's folders, which the steps of a build share: lists are fetched once, and are the same for all of them. The pool's packages
 * are put there before programs of the image have been: those may leave links that lead anywhere.
 */
function openDownloads({ folders, packages, name }: PackageManager, { work, packages: pool }: StepContext) {
  const top = join(work, 'downloads', name)
  const shared = packages.map((files) => ({ files, folder: join(top, files.place) }))
  if (!existsSync(top)) {
    for (const folder of folders) {
      mkdirSync(join(top, folder), { recursive: true })
      chmodSync(join(top, folder), 0o755) // whatever the umask: some fetch as a user of their own
    }
    for (const { files, folder } of shared) takeFromPool(pool, files, folder)
  }
  return {
    binds: folders.map((folder) => ({ source: join(top, folder), target: folder, writable: true })),
    keep() {
      for (const { files, folder } of shared) giveToPool(pool, files, folder)
    },
    forgetRefused() {
      for (const { files, folder } of shared) forgetRefused(pool, files, folder)
    },
  }
}
