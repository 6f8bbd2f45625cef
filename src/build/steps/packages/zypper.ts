import { removeTreeSync } from '../../../host/remove-tree.ts'
import { resolveInRoot } from '../../root/resolve.ts'
import { rewriteInRoot } from '../../root/rewrite.ts'
import { settleRpmDatabase } from './rpm-database.ts'
import type { PackageManager } from './types.ts'

const cache = '/var/cache/zypp'
/** zypper(8), "EXIT CODES": done, and the running system should be started anew, or zypper itself. */
const accept = [102, 103]

export const zypper: PackageManager = {
  name: 'zypper',
  family: 'suse',
  program: 'usr/bin/zypper',
  folders: [cache],
  packages: [{ place: cache, pattern: /^packages\/.+\.rpm$/ }],
  commands({ install, remove, recommends }, { fetched }) {
    const hasLists = fetched.some((path) => path.startsWith(`${cache}/raw/`))
    const run = (what: string, ...args: readonly string[]) => ({
      what,
      args: ['--non-interactive', ...(what === 'refresh' ? [] : ['--no-refresh']), what, ...args],
      accept,
    })
    const wanted = [recommends ? '--recommends' : '--no-recommends', '--', ...install]
    return [
      ...(install.length > 0 && !hasLists ? [run('refresh')] : []),
      // What it installs it does not keep, unless the repository says so.
      ...(install.length > 0 ? [run('install', '--download-only', ...wanted), run('install', ...wanted)] : []),
      ...(remove.length > 0 ? [run('remove', '--clean-deps', '--', ...remove)] : []),
    ]
  },
  /** It makes up a number for the machine, and notes when it noted something. */
  finish(_, context) {
    const { root, epoch } = context
    settleRpmDatabase(context)
    removeTreeSync(resolveInRoot(root, 'var/lib/zypp/AnonymousUniqueId', true))
    rewriteInRoot(root, 'var/lib/zypp/AutoInstalled', epoch, (text) => text.replace(/^(# \w+ generated) .*$/m, '$1'))
  },
}
