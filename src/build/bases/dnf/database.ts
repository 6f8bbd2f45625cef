import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeTree } from '../../../host/remove-tree.ts'
import { resolveInRoot } from '../../root/resolve.ts'

/** Where rpm of the host keeps the image's database while it fills the root: where most images want it; Debian's own choice is root's home. */
export const databaseInside = '/usr/lib/sysimage/rpm'

/** Takes locks and SQLite's passing state from the database, and moves it to where rpm of the image looks for it. */
export async function settleDatabase(root: string): Promise<void> {
  const source = resolveInRoot(root, databaseInside)
  // All of the log is in its place: what says so has the time in it.
  if (statSync(join(source, 'rpmdb.sqlite-wal'), { throwIfNoEntry: false })?.size === 0) {
    for (const name of ['rpmdb.sqlite-wal', 'rpmdb.sqlite-shm', '.rpm.lock']) await removeTree(join(source, name))
  }
  if (!wantsVar(root)) return
  const target = resolveInRoot(root, 'var/lib/rpm')
  if (target === source) return
  await removeTree(target)
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await rename(source, target)
}

/** Older distributions have it in /var/lib/rpm. */
function wantsVar(root: string): boolean {
  const macros = resolveInRoot(root, 'usr/lib/rpm/macros')
  return existsSync(macros) && /^%_dbpath\s+%\{_var\}\/lib\/rpm\s*$/m.test(readFileSync(macros, 'utf8'))
}
