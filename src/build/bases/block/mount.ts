import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { type Mounted, mountedAt } from '../../../host/overlay.ts'
import { run } from '../../../host/run.ts'
import { errnoOf, IngotError, ioError } from '../../../image/error.ts'
import { everyStatus } from '../../sandbox/exit-status.ts'

export interface MountedDevice extends Mounted {
  /** What the journal has is not in it: what was written last may be missing or torn. */
  readonly unfinished: boolean
}

/** What each file system calls a mount that leaves the journal alone. */
const withoutJournal: Readonly<Record<string, string>> = {
  ext3: 'noload',
  ext4: 'noload',
  xfs: 'norecovery',
  btrfs: 'rescue=nologreplay',
  f2fs: 'norecovery',
}

/**
 * Mounts the file system of a device, or of a file, through a read-only loop device, which keeps file systems from bringing their journal
 * to an end as they do on a read-only mount too, and goes with the mount. Throws 'usage' for what is neither, 'bad-input' where there is
 * no file system, 'unsupported' while a device is in use, 'command-failed' when the kernel does not mount it.
 */
export async function mountUntouched(device: string, target: string): Promise<MountedDevice> {
  await requireIdle(device)
  const type = await fileSystemOf(device)
  const unique = type === 'xfs' ? ['nouuid'] : [] // a snapshot has the UUID of the original, which may be mounted
  const options = ['ro', 'loop', 'nosuid', 'nodev', 'noexec', ...unique]
  const mount = async (more: readonly string[]) =>
    await run('mount', ['-t', type, '-o', [...options, ...more].join(), '--', device, target], { accept: everyStatus })
  const whole = await mount([])
  if (whole.exitCode === 0) return { ...mountedAt(target), unfinished: false }
  const alone = withoutJournal[type]
  if (alone !== undefined && (await mount([alone])).exitCode === 0) return { ...mountedAt(target), unfinished: true }
  throw new IngotError('command-failed', `${device} cannot be mounted: ${whole.stderr.split('\n')[0]}`)
}

/** The kernel gives a device that is mounted, or part of another, to nobody for himself (open(2), O_EXCL). */
async function requireIdle(device: string): Promise<void> {
  try {
    const found = await stat(device)
    if (found.isFile()) return
    if (!found.isBlockDevice()) throw new IngotError('usage', `${device} is no block device and no file`)
    await (await open(device, constants.O_RDONLY | constants.O_EXCL)).close()
  } catch (error) {
    if (errnoOf(error) !== 'EBUSY') throw ioError(`open ${device}`, error)
    throw new IngotError('unsupported', `${device} is in use, and what is read would not be of one moment`, {
      hint: 'Unmount it, or build from a snapshot of it (lvcreate --snapshot).',
    })
  }
}

async function fileSystemOf(device: string): Promise<string> {
  const args = ['-p', '-s', 'TYPE', '-o', 'value', '--', device]
  const type = (await run('blkid', args, { accept: everyStatus })).stdout.trim()
  if (type !== '') return type
  throw new IngotError('bad-input', `${device}: there is no file system in it`, {
    hint: 'Of a disk with partitions, name the partition: /dev/sda2.',
  })
}
