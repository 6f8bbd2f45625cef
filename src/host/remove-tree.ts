import { chmodSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { errnoOf, IngotError, ioError } from '../image/error.ts'

// Children that were just ended may still be writing, so what fills up again is tried again.
const how = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const

/**
 * Removes a file or folder with all that is in it; a path that is not there is no error. Symbolic links are removed,
 * not followed. Folders without permission for their owner are opened up first. Throws 'io', and removes nothing when
 * something is mounted inside.
 */
export async function removeTree(path: string): Promise<void> {
  refuseMounts(path)
  try {
    await rm(path, how)
  } catch (error) {
    if (!isDenied(error)) throw ioError(`remove ${path}`, error)
    removeTreeSync(path)
  }
}

/** As removeTree, without a turn of the event loop: for the end of the process. */
export function removeTreeSync(path: string): void {
  refuseMounts(path)
  try {
    try {
      rmSync(path, how)
    } catch (error) {
      if (!isDenied(error)) throw error
      openUp(Buffer.from(path))
      rmSync(path, how)
    }
  } catch (error) {
    throw ioError(`remove ${path}`, error)
  }
}

function isDenied(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'EACCES' || errno === 'EPERM'
}

/** Gives the owner all permissions on a folder and the folders below. */
function openUp(folder: Buffer): void {
  chmodSync(folder, 0o700)
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) openUp(Buffer.concat([folder, Buffer.from('/'), entry.name]))
  }
}

/** Removing through a mount would empty what is mounted: a bind mount of somebody's home, or /dev. Throws 'io' where something is mounted. */
export function refuseMounts(path: string): void {
  const mounts = mountsBelow(path)
  if (mounts.length === 0) return
  throw new IngotError('io', `cannot remove ${path}: something is mounted on ${mounts.join(', ')}`, {
    hint: `Unmount it (umount ${mounts[0]}) and remove the folder by hand.`,
  })
}

function mountsBelow(path: string): readonly string[] {
  let real: string
  let table: string
  try {
    real = realpathSync(path)
    table = readFileSync('/proc/self/mountinfo', 'latin1')
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return [] // the path is gone, or there is no /proc to ask
  }
  const plain = (text: string) =>
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  const points = table.split('\n').map((line) => Buffer.from(plain(line.split(' ')[4] ?? ''), 'latin1').toString())
  return points.filter((point) => point === real || point.startsWith(`${real}/`))
}
