import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pacmanFiles } from '../../package-pool.ts'
import { resolveInRoot } from '../../root/resolve.ts'
import { rewriteInRoot } from '../../root/rewrite.ts'
import type { PackageManager } from './types.ts'

const [lists, database] = ['/var/lib/pacman/sync', '/var/lib/pacman/local']
const quiet = ['--noconfirm', '--noprogressbar']

export const pacman: PackageManager = {
  name: 'pacman',
  family: 'arch',
  program: 'usr/bin/pacman',
  folders: [pacmanFiles.place, lists],
  packages: [pacmanFiles],
  commands({ install, remove }, { fetched }) {
    const hasLists = fetched.some((path) => path.startsWith(`${lists}/`))
    return [
      ...(install.length > 0 && !hasLists ? [{ what: '-Sy', args: [...quiet, '-Sy'] }] : []),
      ...(install.length > 0 ? [{ what: '-S', args: [...quiet, '-S', '--needed', '--', ...install] }] : []),
      ...(remove.length > 0 ? [{ what: '-Rns', args: [...quiet, '-Rns', '--', ...remove] }] : []),
    ]
  },
  /** It notes when a package was installed, and knows nothing of SOURCE_DATE_EPOCH. */
  finish(_, { root, epoch }) {
    const folder = resolveInRoot(root, database)
    if (!existsSync(folder)) return
    for (const name of readdirSync(folder)) {
      rewriteInRoot(root, join(database, name, 'desc'), epoch, (text) =>
        text.replace(
          /^(%INSTALLDATE%\n)(\d+)$/m,
          (_, field: string, date: string) => `${field}${Math.min(Number(date), epoch)}`,
        ),
      )
    }
  },
}
