import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A folder `key` that `make` fills, made once and kept for all test files and later runs: in $INGOT_TEST_CACHE, or in
 * the temporary folder. Processes that ask at the same time wait for the one that makes it;
 * nothing half made is ever seen.
 */
export async function cached(key: string, make: (path: string) => Promise<void>): Promise<string> {
  const cache = process.env.INGOT_TEST_CACHE ?? join(tmpdir(), `ingot-test-cache-${process.getuid?.() ?? 0}`)
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const path = join(cache, key)
  const lock = `${path}.lock`
  while (!existsSync(path)) {
    if (!take(lock)) {
      await sleep(500)
      continue
    }
    if (existsSync(path)) {
      rmSync(lock)
      break
    }
    const half = `${path}.half`
    try {
      rmSync(half, { recursive: true, force: true }) // of one that was killed
      mkdirSync(half)
      await make(half)
      renameSync(half, path)
    } finally {
      rmSync(half, { recursive: true, force: true })
      rmSync(lock, { force: true })
    }
  }
  return path
}

/** False while another process that is alive has the lock. */
function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!existsSync(lock) || existsSync(`/proc/${readFileSync(lock, 'utf8')}`)) return false
    rmSync(lock, { force: true })
    return false
  }
}
