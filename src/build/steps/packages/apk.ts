import { IngotError } from '../../../image/error.ts'
import { readInRoot } from '../../root/read.ts'
import type { PackageManager } from './types.ts'

/** The folder that apk keeps packages in where there is one (apk-cache(5)). */
const cache = '/etc/apk/cache'

export const apk: PackageManager = {
  name: 'apk',
  family: 'alpine',
  program: 'sbin/apk',
  folders: [cache],
  packages: [{ place: cache, pattern: /^[^/]+\.apk$/ }],
  commands({ install, remove }, { fetched }) {
    const hasLists = fetched.some((path) => /\/APKINDEX\.[^/]+$/.test(path))
    const run = (what: string, ...args: readonly string[]) => ({ what, args: ['--no-progress', what, ...args] })
    return [
      ...(install.length > 0 && !hasLists ? [run('update')] : []),
      ...(install.length > 0 ? [run('add', ...install)] : []),
      ...(remove.length > 0 ? [run('del', '--purge', ...remove)] : []),
    ]
  },
  /** `del` succeeds, too, when it leaves a package because another one needs it. */
  finish({ remove }, { root }) {
    const databases = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'].map((path) => readInRoot(root, path))
    const installed = new Set(
      Buffer.concat(databases.map((one) => one ?? Buffer.alloc(0)))
        .toString()
        .split('\n'),
    )
    const left = remove.filter((name) => installed.has(`P:${name.replace(/[=/@:].*/, '')}`))
    if (left.length === 0) return
    throw new IngotError('command-failed', `apk del left ${left.join(', ')}, which other packages need`, {
      hint: 'Remove those, too: the log names them.',
    })
  },
}
