import { type ByteString, displayBytes } from '../image/bytes.ts'
import { baseName, parentPath } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'

export const whiteoutPrefix = '.wh.'
export const opaqueMarker = '.wh..wh..opq'

/** What a path means in a layer that uses whiteouts (OCI image-spec layer.md "Whiteouts"). */
export type Whiteout =
  | { readonly kind: 'whiteout'; readonly path: ByteString }
  | { readonly kind: 'opaque'; readonly path: ByteString }
  /** AUFS's own files: nothing for anybody. */
  | { readonly kind: 'ignored' }

/** The whiteout that an entry's path stands for, or undefined for an ordinary entry. Throws 'bad-input' for a bare `.wh.`. */
export function parseWhiteout(path: ByteString, subject: string): Whiteout | undefined {
  if (!path.includes(whiteoutPrefix)) return undefined
  const name = baseName(path)
  const folder = parentPath(path)
  const aufs = (part: string) => part.startsWith(whiteoutPrefix + whiteoutPrefix)
  if (folder.split('/').some(aufs) || (aufs(name) && name !== opaqueMarker)) return { kind: 'ignored' }
  if (!name.startsWith(whiteoutPrefix)) return undefined
  if (name === opaqueMarker) return { kind: 'opaque', path: folder }
  const hidden = name.slice(whiteoutPrefix.length)
  if (hidden === '' || hidden === '.' || hidden === '..') {
    throw new IngotError('bad-input', `${subject}: ${displayBytes(path)} is a whiteout of nothing`)
  }
  return { kind: 'whiteout', path: folder === '' ? hidden : `${folder}/${hidden}` }
}
