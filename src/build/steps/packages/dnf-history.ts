import { removeTreeSync } from '../../../host/remove-tree.ts'
import { openSqliteImage } from '../../../host/sqlite-image.ts'
import { IngotError, messageOf } from '../../../image/error.ts'
import { placeFile } from '../../root/place.ts'
import { readInRoot } from '../../root/read.ts'
import { resolveInRoot } from '../../root/resolve.ts'
import type { StepContext } from '../types.ts'

/** Of versions 4 and 5. */
const places = ['var/lib/dnf/history.sqlite', 'usr/lib/sysimage/libdnf5/transaction_history.sqlite']

/** Sets the times of transactions in dnf's history back to the ceiling, and leaves it as one file. What it cannot read stays, and is told. */
export function settleHistory({ root, epoch, say }: Pick<StepContext, 'root' | 'epoch' | 'say'>): void {
  for (const place of places) {
    const content = readInRoot(root, place)
    if (content === undefined) continue
    try {
      const settled = settle(content, readInRoot(root, `${place}-wal`), epoch)
      placeFile(resolveInRoot(root, place), { content: settled }, 0o644, { uid: 0, gid: 0, time: epoch })
      for (const suffix of ['-wal', '-shm']) removeTreeSync(resolveInRoot(root, `${place}${suffix}`, true))
    } catch (error) {
      if (error instanceof IngotError) throw error
      say(`/${place} keeps the times of this build: ${messageOf(error)}`)
    }
  }
}

function settle(content: Buffer, log: Buffer | undefined, epoch: number): Buffer {
  const database = openSqliteImage(content, log)
  try {
    database.prepare('UPDATE trans SET dt_begin = min(dt_begin, ?), dt_end = min(dt_end, ?)').run(epoch, epoch)
    database.exec('VACUUM')
    return Buffer.from(database.serialize())
  } finally {
    database.close()
  }
}
