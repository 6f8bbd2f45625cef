import { existsSync } from 'node:fs'
import { run } from '../../../host/run.ts'
import { findTool } from '../../../host/tools.ts'
import { IngotError } from '../../../image/error.ts'
import { everyStatus } from '../../sandbox/exit-status.ts'

/**
 * Does something with a device that may be a logical volume: one that is not active, and so has no file in /dev, is active meanwhile
 * (lvm(8)). Throws 'not-found' for what is neither there nor a volume, and 'command-failed'.
 */
export async function withActive<T>(device: string, work: () => Promise<T>): Promise<T> {
  if (existsSync(device)) return await work()
  if (!(await isVolume(device))) throw new IngotError('not-found', `there is no ${device}`)
  // Snapshots of thin volumes are passed over without --ignoreactivationskip.
  await run('lvchange', ['--activate', 'y', '--ignoreactivationskip', device])
  try {
    return await work()
  } finally {
    await run('lvchange', ['--activate', 'n', device])
  }
}

async function isVolume(device: string): Promise<boolean> {
  if (!device.startsWith('/dev/') || (await findTool('lvs')) === undefined) return false
  return (await run('lvs', ['--noheadings', device], { accept: everyStatus })).exitCode === 0
}
