import type { ByteString } from '../image/bytes.ts'
import { shown } from './fault.ts'

/**
 * POSIX access control lists in the two forms that archives carry: the kernel's binary xattr value
 * (`system.posix_acl_access`, include/uapi/linux/posix_acl_xattr.h) and star's text (`SCHILY.acl.access`).
 */
interface AclEntry {
  readonly tag: number
  readonly permissions: number
  readonly id: number
}

const noId = 0xffffffff
const tags = { userOwner: 1, user: 2, groupOwner: 4, group: 8, mask: 16, other: 32 } as const
const words: ReadonlyMap<number, string> = new Map([
  [tags.userOwner, 'user'],
  [tags.user, 'user'],
  [tags.groupOwner, 'group'],
  [tags.group, 'group'],
  [tags.mask, 'mask'],
  [tags.other, 'other'],
])

/**
 * The text of a binary ACL with numeric ids, its entries parted by commas. Undefined when the value is not an ACL that
 * a kernel would take.
 */
export function aclToText(value: Buffer): ByteString | undefined {
  if (value.length < 4 || (value.length - 4) % 8 !== 0 || value.readUInt32LE(0) !== 2) return undefined
  const entries: AclEntry[] = []
  for (let at = 4; at < value.length; at += 8) {
    entries.push({
      tag: value.readUInt16LE(at),
      permissions: value.readUInt16LE(at + 2),
      id: value.readUInt32LE(at + 4),
    })
  }
  if (!isValid(entries)) return undefined
  return entries.map(entryText).join(',')
}

function entryText(entry: AclEntry): string {
  const named = entry.tag === tags.user || entry.tag === tags.group
  const letter = (bit: number, name: string) => (entry.permissions & bit ? name : '-')
  return `${words.get(entry.tag)}:${named ? entry.id : ''}:${letter(4, 'r')}${letter(2, 'w')}${letter(1, 'x')}`
}

/** What is wrong with an ACL's text. */
export interface AclFault {
  readonly fault: string
}

/**
 * The binary value of an ACL's text as GNU tar, star and libarchive write it: entries parted by newlines or commas,
 * `user:1000:rw-`, or with the id after a name, `user:lisa:rw-:1000`. A name without an id cannot be resolved here and
 * is a fault. Undefined for an access list that says no more than the permission bits do.
 */
export function aclFromText(text: ByteString, kind: 'access' | 'default'): Buffer | AclFault | undefined {
  // What `lxc publish` writes is not the text but the binary value, under the text's key.
  const binary = Buffer.from(text, 'latin1')
  if (aclToText(binary) !== undefined) return kind === 'access' && binary.length === 28 ? undefined : binary
  const entries: AclEntry[] = []
  for (const line of text.split(/[\n,]/)) {
    const bare = line.replace(/#.*$/, '').trim()
    if (bare === '') continue
    const entry = parseEntry(kind === 'default' ? bare.replace(/^d(efault)?:/, '') : bare)
    if ('fault' in entry) return entry
    entries.push(entry)
  }
  entries.sort((a, b) => a.tag - b.tag || a.id - b.id)
  if (!isValid(entries)) return { fault: 'its entries do not make up an access control list' }
  if (kind === 'access' && entries.length === 3) return undefined
  const value = Buffer.alloc(4 + 8 * entries.length)
  value.writeUInt32LE(2, 0)
  entries.forEach((entry, i) => {
    value.writeUInt16LE(entry.tag, 4 + 8 * i)
    value.writeUInt16LE(entry.permissions, 6 + 8 * i)
    value.writeUInt32LE(entry.id, 8 + 8 * i)
  })
  return value
}

function parseEntry(text: ByteString): AclEntry | AclFault {
  const match = /^(u|user|g|group|m|mask|o|other):([^:]*):([r-])([w-])([x-])(?::([0-9]+))?$/.exec(
    text.replace(/^(m|mask|o|other):(?=[rwx-]{3}$)/, '$1::'),
  )
  if (!match) return { fault: `${JSON.stringify(shown(text))} is not an entry of an access control list` }
  const [, word, name, read, write, execute, numeric] = match
  const permissions = (read === 'r' ? 4 : 0) | (write === 'w' ? 2 : 0) | (execute === 'x' ? 1 : 0)
  if (word!.startsWith('m')) return { tag: tags.mask, permissions, id: noId }
  if (word!.startsWith('o')) return { tag: tags.other, permissions, id: noId }
  const isUser = word!.startsWith('u')
  if (name === '') return { tag: isUser ? tags.userOwner : tags.groupOwner, permissions, id: noId }
  const id = Number(numeric ?? (/^[0-9]+$/.test(name!) ? name : Number.NaN))
  if (!(id < noId)) {
    const whose = isUser ? 'user' : 'group'
    return { fault: `the ${whose} ${JSON.stringify(shown(name!))} is given by name, not by number` }
  }
  return { tag: isUser ? tags.user : tags.group, permissions, id }
}

/** The kernel's own check (posix_acl_valid): sorted, one of each owner entry, a mask when anyone is named. */
function isValid(entries: readonly AclEntry[]): boolean {
  const count = (tag: number) => entries.filter((entry) => entry.tag === tag).length
  const named = count(tags.user) + count(tags.group)
  return (
    entries.every(
      ({ tag, permissions }, i) => words.has(tag) && permissions <= 7 && tag >= (entries[i - 1]?.tag ?? 0),
    ) &&
    entries.every(({ tag, id }) => (tag !== tags.user && tag !== tags.group) || id !== noId) &&
    count(tags.userOwner) === 1 &&
    count(tags.groupOwner) === 1 &&
    count(tags.other) === 1 &&
    count(tags.mask) <= 1 &&
    (named === 0 || count(tags.mask) === 1)
  )
}
