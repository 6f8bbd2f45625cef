import { rewriteInRoot } from '../../root/rewrite.ts'
import type { StepContext } from '../types.ts'

/**
 * Empties what SQLite keeps beside rpm's database for processes that have it open: it has numbers made up by chance, and whoever opens
 * the database next makes it anew (sqlite.org/walformat.html, "The WAL-Index File Format").
 */
export function settleRpmDatabase({ root, epoch }: Pick<StepContext, 'root' | 'epoch'>): void {
  for (const folder of ['usr/lib/sysimage/rpm', 'var/lib/rpm']) {
    rewriteInRoot(root, `${folder}/rpmdb.sqlite-shm`, epoch, (text) => '\0'.repeat(text.length))
  }
}
