import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { CompressOptions } from '../../compression/types.ts'
import { streamInto } from '../../host/pipe.ts'
import { freeBytes } from '../../host/space.ts'
import type { EntryStream } from '../../image/entry.ts'
import { IngotError, ioError } from '../../image/error.ts'
import { writeTar } from '../../tar/write.ts'
import type { Tally } from '../tally.ts'
import { fitSquashfs } from './fit.ts'

export interface SquashfsOptions {
  /** Default zstd level 3; gzip's and xz's default level is 6. */
  readonly compression?: CompressOptions | undefined
  /** The file system's own time, seconds since the epoch. */
  readonly created: number
  /** Counts what a squashfs cannot hold. */
  readonly tally: Tally
}

/** A third of the size that blocks of 1 MiB save, at the speed of the 128 KiB that are the default. */
const blockBytes = 262_144
const defaultLevels = { gzip: 6, zstd: 3, xz: 6 } as const

/**
 * Writes a tree as a squashfs file at `path`, which must not exist. The same entries and options give the same bytes,
 * on any number of processors. Made by tar2sqfs, which takes less time and memory than mksquashfs and keeps the root
 * directory's attributes (docs/decisions). Throws 'unsupported' for compression `none`, 'missing-tool',
 * 'command-failed' and the source's own errors.
 */
export async function writeSquashfs(entries: EntryStream, path: string, options: SquashfsOptions): Promise<void> {
  const args = squashfsArguments(resolve(path), options.compression, options.created)
  // tar2sqfs tells a full disk only as an I/O error, and removes what it wrote: held open, the file still takes its space.
  const held = await open(path, 'wx').catch((error) => {
    throw ioError(`write ${path}`, error)
  })
  try {
    await streamInto('tar2sqfs', args, writeTar(fitSquashfs(entries, options.tally)))
  } catch (error) {
    const failed = error instanceof IngotError && error.code === 'command-failed'
    if (!failed || (await freeBytes(dirname(resolve(path)))) >= blockBytes) throw error
    throw new IngotError('io', `cannot write ${path}: no space left on the device`, { cause: error })
  } finally {
    await held.close()
  }
}

/** Throws 'unsupported' when a squashfs cannot be made with this compression. */
export function squashfsArguments(
  path: string,
  compression: CompressOptions | undefined,
  created: number,
): readonly string[] {
  const kind = compression?.kind ?? 'zstd'
  if (kind === 'none') {
    throw new IngotError('unsupported', 'a squashfs cannot be written without compression', {
      hint: 'Choose --compression zstd:1, or --variant split-tar.',
    })
  }
  const level = compression?.level ?? defaultLevels[kind]
  const time = Math.min(Math.max(Math.trunc(created), 0), 0xffff_ffff)
  return [
    '--no-skip', // an entry that it cannot hold is an error
    '--quiet',
    '--force', // the file is there already, empty
    '--compressor',
    kind,
    '--comp-extra',
    `level=${level}`,
    '--block-size',
    String(blockBytes),
    '--defaults',
    `uid=0,gid=0,mode=0755,mtime=${time}`,
    path,
  ]
}
