import type { ByteString } from '../image/bytes.ts'
import { parentPath } from '../image/entry.ts'
import type { ByteFile } from '../image/stream.ts'

/** A link among an archive's members: a hard link's target counts from the root, a symlink's from its own directory. */
export interface MemberLink {
  readonly type: 'hardlink' | 'symlink'
  readonly target: ByteString
}

/** Linux follows no more than this. */
const mostLinks = 40

/** Adds a member for each link that leads, over any others, to one. The rest are left out. */
export function resolveLinks(members: Map<ByteString, ByteFile>, links: ReadonlyMap<ByteString, MemberLink>): void {
  const found: [ByteString, ByteFile][] = []
  for (const path of links.keys()) {
    const file = follow(path, members, links)
    if (file !== undefined) found.push([path, file])
  }
  for (const [path, file] of found) members.set(path, file)
}

function follow(
  path: ByteString,
  members: ReadonlyMap<ByteString, ByteFile>,
  links: ReadonlyMap<ByteString, MemberLink>,
): ByteFile | undefined {
  let at: ByteString | undefined = path
  for (let step = 0; step <= mostLinks && at !== undefined; step++) {
    const link = links.get(at)
    if (link === undefined) return members.get(at)
    at = link.type === 'hardlink' ? link.target : targetOf(at, link.target)
  }
  return undefined
}

/** The path that a symlink means, undefined when it leads out of the archive. */
function targetOf(path: ByteString, target: ByteString): ByteString | undefined {
  if (target.startsWith('/')) return undefined
  const parts = parentPath(path) === '' ? [] : parentPath(path).split('/')
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
