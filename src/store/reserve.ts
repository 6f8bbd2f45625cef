import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../image/error.ts'

// SQLite needs a little room to open a catalog, and some more to delete from it. So that a full disk can be looked at and made
// emptier, room for both is kept in two files.

const bytes = { open: 128 * 1024, delete: 1024 * 1024 } as const
type Purpose = keyof typeof bytes

function reservePath(home: string, purpose: Purpose): string {
  return join(home, `.room-to-${purpose}`)
}

/** Keeps room, where there is any. */
export function keepReserve(home: string): void {
  for (const [purpose, size] of Object.entries(bytes)) {
    const path = reservePath(home, purpose as Purpose)
    if (existsSync(path)) continue
    try {
      writeFileSync(path, Buffer.alloc(size), { mode: 0o600 })
    } catch (error) {
      rmSync(path, { force: true })
      if (!['ENOSPC', 'EDQUOT'].includes(errnoOf(error) ?? '')) throw error
    }
  }
}

/** Gives room back; a later process keeps some again. */
export function useReserve(home: string, purpose: Purpose): void {
  rmSync(reservePath(home, purpose), { force: true })
}
