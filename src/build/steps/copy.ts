import { isUtf8 } from 'node:buffer'
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { basename, join } from 'node:path'
import { IngotError, ioError, messageOf } from '../../image/error.ts'
import { expandText, type Variables } from '../../recipe/expressions.ts'
import { treeDigest } from '../cache/content.ts'
import { findOwner } from '../root/accounts.ts'
import { type Placement, placeDirectory, placeFile, placeLink } from '../root/place.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { insideFolder } from './inside-folder.ts'
import type { StepRunner } from './types.ts'

/**
 * Copies what stands beside the recipe. What a checkout adds to its files (owner, umask, times) is left behind: files
 * are 0644, or 0755 where anybody may execute them, directories 0755, times are the image's own.
 */
export const copyStep: StepRunner<'copy'> = {
  title: ({ from, to }) => `copy: ${from} to ${to}`,
  inputs: async ({ from }, recipeFolder, memory) => await treeDigest(insideFolder(recipeFolder, from), memory),
  async apply({ from, to, owner, mode, template }, context) {
    const source = insideFolder(context.recipeFolder, from)
    const placement = { ...findOwner(context.root, owner), time: context.epoch }
    const copy: Copy = { root: context.root, mode, placement, template }
    const into = to.endsWith('/') && !lstatSync(source).isDirectory()
    copyTree(source, into ? join(to, basename(source)) : to, copy)
  },
}

interface Copy {
  readonly root: string
  readonly mode: number | undefined
  readonly placement: Placement
  /** Values of `${{ … }}` in files; undefined: they stay as they are. */
  readonly template: Variables | undefined
}

function copyTree(source: string, to: string, copy: Copy): void {
  const found = lstatSync(source)
  if (found.isDirectory()) {
    placeDirectory(resolveInRoot(copy.root, to), directoryMode(copy.mode), copy.placement)
    for (const name of readdirSync(source).sort()) copyTree(join(source, name), join(to, name), copy)
  } else if (found.isSymbolicLink()) {
    placeLink(resolveInRoot(copy.root, to, true), readlinkSync(source), copy.placement)
  } else if (found.isFile()) {
    const content = copy.template ? { content: rendered(source, copy.template) } : { file: source }
    placeFile(resolveInRoot(copy.root, to, true), content, copy.mode ?? fileMode(found), copy.placement)
  } else {
    throw new IngotError('unsupported', `cannot copy ${source}: it is neither a file, a directory nor a symbolic link`)
  }
}

/** What is no UTF-8 has nothing to fill in. */
function rendered(source: string, variables: Variables): Buffer {
  const bytes = readFile(source)
  if (!isUtf8(bytes)) return bytes
  try {
    return Buffer.from(expandText(bytes.toString(), variables))
  } catch (error) {
    throw new IngotError('usage', `${source}: ${messageOf(error)}`, { cause: error })
  }
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw ioError(`read ${path}`, error)
  }
}

function fileMode(found: Stats): number {
  return (found.mode & 0o111) === 0 ? 0o644 : 0o755
}

/** A directory may be entered by whoever may read the files in it. */
function directoryMode(mode: number | undefined): number {
  return mode === undefined ? 0o755 : mode | ((mode & 0o444) >> 2)
}
