import { closeSync, constants, openSync } from 'node:fs'
import { IngotError, ioError } from '../image/error.ts'
import { lastError, libc } from './libc.ts'
import { beforeRemoval } from './temporary.ts'
import { inUserNamespace } from './user-namespace.ts'

export interface OverlayFolders {
  /** Directories that are only read, the uppermost first; at least one. */
  readonly lowers: readonly string[]
  /** Gets what is changed. */
  readonly upper: string
  /** Empty, on the file system of `upper`. */
  readonly work: string
}

export interface Mounted {
  /** Takes the mount away; what still uses it goes on until it is done. Does nothing the second time. Throws 'io'. */
  unmount(): void
}

/** Long names take much of the one page that all options share, and those with a comma cannot be given: descriptors are short. */
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY
const detach = 2 // MNT_DETACH
const busy = 'EBUSY'

/**
 * Shows directories over each other at `target` (Documentation/filesystems/overlayfs.rst), without inode index, redirects or
 * metacopy: the upper directory alone then says what differs. It is gone with the process's temporary folders when the process ends
 * early, SIGKILL excepted. Throws 'unsupported' where the file system cannot be an upper layer, and 'io'.
 */
export function mountOverlay(target: string, { lowers, upper, work }: OverlayFolders): Mounted {
  const opened: number[] = []
  const place = (folder: string) => {
    const fd = openSync(folder, folderFlags)
    opened.push(fd)
    return `/proc/self/fd/${fd}`
  }
  try {
    const options = [
      `lowerdir=${lowers.map(place).join(':')}`,
      ...[`upperdir=${place(upper)}`, `workdir=${place(work)}`],
      'index=off',
      // Else unmounting waits until all of the file system is on the disk; whoever keeps the upper directory syncs it.
      'volatile',
      // Only the first user namespace may keep the overlay's marks in trusted.*. With userxattr the other two are off, and must not be named.
      ...(inUserNamespace() ? ['userxattr'] : ['redirect_dir=off', 'metacopy=off']),
    ].join()
    if (libc().mount(text('overlay'), text(target), text('overlay'), 0n, text(options)) !== 0) throw refused(target)
  } catch (error) {
    throw error instanceof IngotError ? error : ioError(`mount ${target}`, error)
  } finally {
    for (const fd of opened) closeSync(fd)
  }
  return mountedAt(target)
}

/** An empty file system in memory, for its owner alone. Throws 'io'. */
export function mountMemory(target: string): Mounted {
  const safe = 2n | 4n | 8n // MS_NOSUID | MS_NODEV | MS_NOEXEC
  if (libc().mount(text('tmpfs'), text(target), text('tmpfs'), safe, text('mode=0700,size=16m')) !== 0) {
    throw ioError(`mount ${target}`, lastError('mount'))
  }
  return mountedAt(target)
}

/** What is mounted at a place; it goes with the process's temporary folders when the process ends early. */
export function mountedAt(target: string): Mounted {
  let mounted = true
  const unmount = (flags: number) => {
    if (!mounted) return
    if (libc().umount2(text(target), flags) === 0) mounted = false
    else throw lastError('umount')
  }
  const early = beforeRemoval(() => unmount(detach))
  return {
    unmount() {
      try {
        unmount(0)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== busy) throw ioError(`unmount ${target}`, error)
        unmount(detach)
      }
      early.forget()
    },
  }
}

function refused(target: string): Error {
  const error = lastError('mount')
  if (error.code !== 'EINVAL' && error.code !== 'ENODEV') return ioError(`mount ${target}`, error)
  return new IngotError('unsupported', `${target}: the file system cannot hold the upper layer of an overlay`, {
    hint: 'Put the home (--home, INGOT_HOME) on ext4, xfs or btrfs: not on NFS, nor on the overlay of a container.',
  })
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}
