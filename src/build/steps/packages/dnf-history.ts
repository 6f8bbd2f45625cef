import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { removeTreeSync } from '../../../host/remove-tree.ts'
import { IngotError } from '../../../image/error.ts'
import { placeFile } from '../../root/place.ts'
import { readInRoot } from '../../root/read.ts'
import { resolveInRoot } from '../../root/resolve.ts'

/** Of versions 4 and 5. */
const places = ['var/lib/dnf/history.sqlite', 'usr/lib/sysimage/libdnf5/transaction_history.sqlite']

/**
 * Sets the times of transactions in dnf's history back to `epoch` (seconds), and leaves the database as one file. SQLite gets to see
 * copies in `work` alone: it would follow links of the image. Throws 'bad-input' for what is no such database.
 */
export function settleHistory(root: string, epoch: number, work: string): void {
  for (const place of places) {
    const content = readInRoot(root, place)
    if (content === undefined) continue
    const folder = mkdtempSync(join(work, 'history-'))
    try {
      const path = join(folder, 'history.sqlite')
      writeFileSync(path, content)
      const log = readInRoot(root, `${place}-wal`)
      if (log) writeFileSync(`${path}-wal`, log)
      const settled = join(folder, 'settled.sqlite')
      settle(path, settled, epoch)
      const found = resolveInRoot(root, place)
      placeFile(found, { content: readFileSync(settled) }, 0o644, { uid: 0, gid: 0, time: epoch })
      for (const suffix of ['-wal', '-shm']) removeTreeSync(resolveInRoot(root, `${place}${suffix}`, true))
    } catch (error) {
      throw new IngotError('bad-input', `/${place} in the image cannot be read`, { cause: error })
    } finally {
      removeTreeSync(folder)
    }
  }
}

function settle(path: string, settled: string, epoch: number): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA trusted_schema = OFF')
    database.prepare('UPDATE trans SET dt_begin = min(dt_begin, ?), dt_end = min(dt_end, ?)').run(epoch, epoch)
    database.prepare('VACUUM INTO ?').run(settled)
  } finally {
    database.close()
  }
}
