import { resolve } from 'node:path'
import type { CompressOptions } from '../../compression/types.ts'
import { streamInto } from '../../host/pipe.ts'
import type { EntryStream } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
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

const defaultLevels = { gzip: 6, zstd: 3, xz: 6 } as const

/**
 * Writes a tree as a squashfs file at `path`, which must not exist. The same entries and options give the same bytes,
 * on any number of processors. Made by tar2sqfs, which takes less time and memory than mksquashfs and keeps the root
 * directory's attributes (docs/decisions). Throws 'unsupported' for compression `none`, 'missing-tool',
 * 'command-failed' and the source's own errors.
 */
export async function writeSquashfs(entries: EntryStream, path: string, options: SquashfsOptions): Promise<void> {
  const tar = writeTar(fitSquashfs(entries, options.tally))
  await streamInto('tar2sqfs', squashfsArguments(resolve(path), options), tar)
}

/** Throws 'unsupported' when a squashfs cannot be made with this compression. */
export function squashfsArguments(path: string, { compression, created }: SquashfsOptions): readonly string[] {
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
    '--compressor',
    kind,
    '--comp-extra',
    `level=${level}`,
    // A third of the size that blocks of 1 MiB save, at the speed of the 128 KiB that are the default.
    '--block-size',
    '262144',
    '--defaults',
    `uid=0,gid=0,mode=0755,mtime=${time}`,
    path,
  ]
}
