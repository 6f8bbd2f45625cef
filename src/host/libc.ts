import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'
import { IngotError } from '../image/error.ts'

type Koffi = typeof import('koffi')
type Library = ReturnType<Koffi['load']>

/** The calls of the C library that Node lacks. Buffers are passed by address. */
export interface Libc {
  llistxattr(path: Buffer, list: Buffer, size: number): number
  lgetxattr(path: Buffer, name: Buffer, value: Buffer, size: number): number
  lsetxattr(path: Buffer, name: Buffer, value: Buffer, size: number, flags: number): number
  mknod(path: Buffer, mode: number, device: bigint): number
  utimensat(folder: number, path: Buffer, times: BigInt64Array, flags: number): number
  lseek(fd: number, offset: number, whence: number): number
  flock(fd: number, operation: number): number
  mount(source: Buffer, target: Buffer, type: Buffer, flags: bigint, data: Buffer): number
  umount2(target: Buffer, flags: number): number
  /** Absent where the C library has it not (musl, glibc before 2.28). */
  renameat2: ((oldFolder: number, old: Buffer, newFolder: number, name: Buffer, flags: number) => number) | undefined
  _exit(status: number): void
  /** Number of the last error of this thread. */
  errno(): number
}

let loaded: Libc | undefined

/** Loaded on first use: programs that need none of it start without it. */
export function libc(): Libc {
  loaded ??= load()
  return loaded
}

function load(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi
  const library = open(koffi)
  return {
    llistxattr: library.func('intptr_t llistxattr(void *path, void *list, size_t size)'),
    lgetxattr: library.func('intptr_t lgetxattr(void *path, void *name, void *value, size_t size)'),
    lsetxattr: library.func('int lsetxattr(void *path, void *name, void *value, size_t size, int flags)'),
    mknod: loadMknod(library),
    utimensat: library.func('int utimensat(int folder, void *path, void *times, int flags)'),
    lseek: library.func('int64_t lseek(int fd, int64_t offset, int whence)'),
    flock: library.func('int flock(int fd, int operation)'),
    mount: library.func('int mount(void *source, void *target, void *type, uint64_t flags, void *data)'),
    umount2: library.func('int umount2(void *target, int flags)'),
    renameat2: loadRenameat2(library),
    _exit: library.func('void _exit(int status)'),
    errno: () => koffi.errno(),
  }
}

/** glibc before 2.33 has mknod under another name only. */
function loadMknod(library: Library): Libc['mknod'] {
  try {
    return library.func('int mknod(void *path, uint32_t mode, uint64_t device)')
  } catch {
    const xmknod = library.func('int __xmknod(int version, void *path, uint32_t mode, void *device)')
    return (path, mode, device) => xmknod(0, path, mode, BigUint64Array.of(device))
  }
}

function loadRenameat2(library: Library): Libc['renameat2'] {
  try {
    return library.func('int renameat2(int oldFolder, void *old, int newFolder, void *name, unsigned int flags)')
  } catch {
    return undefined
  }
}

function open(koffi: Koffi): Library {
  const names = ['libc.so.6', 'libc.so'] // glibc, musl
  const failures: unknown[] = []
  for (const name of names) {
    try {
      return koffi.load(name)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new IngotError('unsupported', `the C library is neither ${names.join(' nor ')}`, {
    cause: new AggregateError(failures),
  })
}

/** The last error as an Error with its name (`ENODATA`, …) in `code`, as Node's own file calls throw them. */
export function lastError(call: string): NodeJS.ErrnoException {
  const number = libc().errno()
  const code = getSystemErrorName(-number)
  return Object.assign(new Error(`${code}: ${call}`), { code, errno: -number, syscall: call })
}
