import { lstatSync } from 'node:fs'
import { placeFile } from './place.ts'
import { readInRoot } from './read.ts'
import { resolveInRoot } from './resolve.ts'

/**
 * Changes the text of a file in an image's root, where there is one; owner and mode stay, `time` in seconds. The text has a character
 * for each byte. Throws 'io'.
 */
export function rewriteInRoot(root: string, path: string, time: number, change: (text: string) => string): void {
  const before = readInRoot(root, path)?.toString('latin1')
  if (before === undefined) return
  const after = change(before)
  if (after === before) return
  const found = resolveInRoot(root, path)
  const { uid, gid, mode } = lstatSync(found)
  placeFile(found, { content: Buffer.from(after, 'latin1') }, mode & 0o7777, { uid, gid, time })
}
