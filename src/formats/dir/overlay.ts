import { listXattrs } from '../../host/native.ts'
import type { ByteString } from '../../image/bytes.ts'
import { baseName, type Entry, type EntryStream, emptyBody, makeHeader, parentPath } from '../../image/entry.ts'
import { opaqueMarker, whiteoutPrefix } from '../../layers/whiteout.ts'
import type { Tally } from '../tally.ts'
import { treePaths } from './path.ts'
import { walkTree } from './walk.ts'

/** Where overlayfs keeps its marks: as root, and in a user namespace (`userxattr`). */
const marks = ['trusted.overlay.', 'user.overlay.'] as const

/**
 * The upper directory of an overlay as a change set with OCI's whiteouts (Documentation/filesystems/overlayfs.rst, "whiteouts and
 * opaque directories"): a character device 0:0 hides a name, the xattr `overlay.opaque` all that lies below a directory. As walkTree.
 */
export async function* walkOverlay(root: string, tally: Tally): EntryStream {
  const paths = treePaths(root)
  /** The kernel makes one device and links it to all names that are hidden. */
  const hidden = new Set<ByteString>()
  for await (const entry of walkTree(root, tally)) {
    const { type, path } = entry
    if (isWhiteout(entry) || (type === 'hardlink' && hidden.has(entry.linkTarget))) {
      hidden.add(path)
      yield mark(parentPath(path), whiteoutPrefix + baseName(path))
      continue
    }
    yield withoutMarks(entry)
    if (type === 'directory' && isOpaque(paths.host(path))) yield mark(path, opaqueMarker)
  }
}

function isWhiteout({ type, devMajor, devMinor }: Entry): boolean {
  return type === 'char' && devMajor === 0 && devMinor === 0
}

function isOpaque(host: Buffer): boolean {
  const xattrs = listXattrs(host)
  return marks.some((prefix) => xattrs.get(`${prefix}opaque`)?.toString() === 'y')
}

function mark(folder: ByteString, name: string): Entry {
  return { ...makeHeader({ path: folder === '' ? name : `${folder}/${name}`, type: 'file' }), body: emptyBody }
}

function withoutMarks(entry: Entry): Entry {
  const own = [...entry.xattrs].filter(([name]) => !marks.some((prefix) => name.startsWith(prefix)))
  return own.length === entry.xattrs.size ? entry : { ...entry, xattrs: new Map(own) }
}
