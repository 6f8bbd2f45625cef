import { lstatSync, readFileSync, type Stats } from 'node:fs'
import type { RecipeTest } from '../../recipe/tests.ts'
import { findOwner } from '../root/accounts.ts'
import { resolveInRoot } from '../root/resolve.ts'

type FileTest = Extract<RecipeTest, { kind: 'file' }>['value']

/** What is wrong about a file of a root; undefined when all is as it must be. */
export function testFile(test: FileTest, root: string): string | undefined {
  // A symbolic link is looked at itself only where the test is about links; else what it leads to is meant.
  const path = resolveInRoot(root, test.path, test.type === 'symlink')
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return test.exists ? 'it is not there' : undefined
  if (!test.exists) return 'it is there'
  return wrongAttributes(test, found, root) ?? wrongContent(test, found, path)
}

function wrongAttributes({ type, mode, owner }: FileTest, found: Stats, root: string): string | undefined {
  const kind = found.isDirectory()
    ? 'directory'
    : found.isSymbolicLink()
      ? 'symlink'
      : found.isFile()
        ? 'file'
        : 'other'
  if (type !== undefined && kind !== type) return `it is a ${kind}, not a ${type}`
  const bits = found.mode & 0o7777
  if (mode !== undefined && bits !== mode) return `its mode is ${octal(bits)}, not ${octal(mode)}`
  if (owner === undefined) return undefined
  const { uid, gid } = findOwner(root, owner)
  if (found.uid === uid && found.gid === gid) return undefined
  return `its owner is ${found.uid}:${found.gid}, not ${owner} (${uid}:${gid})`
}

function octal(bits: number): string {
  return `0${bits.toString(8).padStart(3, '0')}`
}

function wrongContent({ contains, matches }: FileTest, found: Stats, path: string): string | undefined {
  if (contains === undefined && matches === undefined) return undefined
  if (!found.isFile()) return 'it is no file, and has no content'
  const content = readFileSync(path, 'utf8')
  if (contains !== undefined && !content.includes(contains)) return `it does not contain ${JSON.stringify(contains)}`
  if (matches !== undefined && !new RegExp(matches, 'm').test(content)) return `nothing in it matches /${matches}/`
  return undefined
}
