import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { IngotError } from '../../image/error.ts'
import { giveToPool, takeFromPool } from '../package-pool.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { succeed } from './succeed.ts'
import type { StepContext, StepRunner } from './types.ts'

const options = [
  '-y',
  '-q',
  ...['-o', 'Dpkg::Use-Pty=0'],
  ...['-o', 'Acquire::Languages=none'],
  // Without this `update` succeeds when nothing could be fetched.
  ...['-o', 'APT::Update::Error-Mode=any'],
  // The folder that they are kept in is the pool's, not the image's.
  ...['-o', 'APT::Keep-Downloaded-Packages=true'],
  // A file that an earlier step wrote is kept where a package brings its own.
  ...['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'],
]

export const packagesStep: StepRunner<'packages'> = {
  title({ install, remove }) {
    return `packages: ${[...install, ...remove.map((name) => `without ${name}`)].join(', ')}`
  },
  async apply({ install, remove, recommends }, context) {
    if (!existsSync(resolveInRoot(context.root, 'usr/bin/apt-get'))) {
      throw new IngotError('unsupported', 'there is no apt-get in the image, and packages are installed with that', {
        hint: 'Install them with a run step and the image’s own package manager.',
      })
    }
    const downloads = join(context.work, 'downloads')
    takeFromPool(context.packages, downloads)
    const binds = [{ source: downloads, target: '/var/cache/apt/archives', writable: true }]
    const apt = async (command: string, ...args: string[]) =>
      await succeed(context, `apt-get ${command}`, { command: ['apt-get', ...options, command, ...args], binds })
    try {
      if (install.length > 0) {
        if (!hasLists(context)) await apt('update')
        await apt('install', recommends ? '--install-recommends' : '--no-install-recommends', '--', ...install)
      }
      if (remove.length > 0) await apt('purge', '--auto-remove', '--', ...remove)
      giveToPool(context.packages, downloads)
    } finally {
      await removeTree(downloads)
    }
  },
}

/** Bases are kept without the archive's lists, so the first step that installs fetches them and later ones find them. */
function hasLists(context: StepContext): boolean {
  const folder = resolveInRoot(context.root, 'var/lib/apt/lists')
  return existsSync(folder) && readdirSync(folder).some((name) => /_Packages(\.\w+)?$/.test(name))
}
