import { existsSync, readdirSync } from 'node:fs'
import { debFiles } from '../../package-pool.ts'
import { resolveInRoot } from '../../root/resolve.ts'
import type { PackageCommand, PackageManager } from './types.ts'

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

export const apt: PackageManager = {
  name: 'apt-get',
  family: 'debian',
  program: 'usr/bin/apt-get',
  folders: [debFiles.place],
  packages: [debFiles],
  commands({ install, remove, recommends }, { root }) {
    return [
      ...(install.length > 0 && !hasLists(root) ? [command('update')] : []),
      ...(install.length > 0
        ? [command('install', recommends ? '--install-recommends' : '--no-install-recommends', '--', ...install)]
        : []),
      ...(remove.length > 0 ? [command('purge', '--auto-remove', '--', ...remove)] : []),
    ]
  },
}

function command(what: string, ...args: readonly string[]): PackageCommand {
  return { what, args: [...options, what, ...args] }
}

/** Bases are kept without the archive's lists, so the first step that installs fetches them and later ones find them. */
function hasLists(root: string): boolean {
  const folder = resolveInRoot(root, 'var/lib/apt/lists')
  return existsSync(folder) && readdirSync(folder).some((name) => /_Packages(\.\w+)?$/.test(name))
}
