import { displayBytes } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { mapLayer } from './map.ts'

/** How many ids an unprivileged container has. */
const idCount = 65536

/**
 * Adds `offset` to every owner: to uid, gid, the ids inside POSIX ACLs, and the owner namespace of file capabilities (v3 becomes v2 on
 * the way down, v2 becomes v3 on the way up; linux/capability.h). Going down by n, every id must be in n..n+65535; going up, in 0..65535.
 * Throws 'bad-input' naming the path otherwise: never a silently wrong owner.
 */
export function shiftIds(layer: Layer, offset: number): Layer {
  const from = offset < 0 ? -offset : 0
  return mapLayer(layer, (header) => {
    // A hard link's owner is its file's. Some writers leave it zero, but some readers set it (Docker): not an error, not skipped.
    const lenient = header.type === 'hardlink'
    const shift = (id: number, what: string) => {
      if (lenient && !isShiftable(id, from)) return id
      return shiftId(id, from, offset, `${layer.name}: ${displayBytes(header.path)}: ${what}`)
    }
    return {
      ...header,
      uid: shift(header.uid, 'uid'),
      gid: shift(header.gid, 'gid'),
      xattrs: header.xattrs.size === 0 ? header.xattrs : shiftXattrs(header, offset, shift, layer.name),
    }
  })
}

function isShiftable(id: number, from: number): boolean {
  return id >= from && id < from + idCount
}

function shiftId(id: number, from: number, offset: number, subject: string): number {
  if (isShiftable(id, from)) return id + offset
  throw new IngotError('bad-input', `${subject} ${id} is outside ${from}..${from + idCount - 1}`, {
    hint: 'The source is not one tree of an unprivileged container, or its offset is another: look at its owners with ls -ln.',
  })
}

function shiftXattrs(
  header: EntryHeader,
  offset: number,
  shift: (id: number, what: string) => number,
  layer: string,
): EntryHeader['xattrs'] {
  const subject = `${layer}: ${displayBytes(header.path)}`
  const shifted = new Map<string, Buffer>()
  for (const [name, value] of header.xattrs) {
    if (name === 'system.posix_acl_access' || name === 'system.posix_acl_default')
      shifted.set(name, shiftAcl(value, shift, subject))
    else if (name === 'security.capability') shifted.set(name, shiftCapability(value, offset, subject))
    else shifted.set(name, value)
  }
  return shifted
}

const aclVersion = 2
const namedUser = 0x02
const namedGroup = 0x08

/** linux/posix_acl_xattr.h: a 32-bit version, then entries of tag, permissions (16 bits each) and id (32), little-endian. */
function shiftAcl(value: Buffer, shift: (id: number, what: string) => number, subject: string): Buffer {
  if (value.length < 4 || (value.length - 4) % 8 !== 0 || value.readUInt32LE(0) !== aclVersion) {
    throw new IngotError('bad-input', `${subject}: its ACL is malformed`)
  }
  const shifted = Buffer.from(value)
  for (let at = 4; at < value.length; at += 8) {
    const tag = value.readUInt16LE(at)
    if (tag === namedUser || tag === namedGroup)
      shifted.writeUInt32LE(shift(value.readUInt32LE(at + 4), 'an id in its ACL,'), at + 4)
  }
  return shifted
}

const revisionMask = 0xff000000
const revision2 = 0x02000000
const revision3 = 0x03000000

/** linux/capability.h vfs_cap_data (20 bytes) and vfs_ns_cap_data (24: with the id of its namespace's root). */
function shiftCapability(value: Buffer, offset: number, subject: string): Buffer {
  const revision = value.length >= 4 ? (value.readUInt32LE(0) & revisionMask) >>> 0 : 0
  const flags = value.length >= 4 ? (value.readUInt32LE(0) & ~revisionMask) >>> 0 : 0
  if (revision === revision2 && value.length === 20) {
    // Set by the host's root: it means the same in every namespace, and only an image going up needs it bound to one.
    return offset < 0 ? value : withRoot(value, flags, offset)
  }
  if (revision === revision3 && value.length === 24) {
    const root = value.readUInt32LE(20)
    // Root id 0 is what revision 2 means: LXD's publish leaves it so.
    if (offset < 0 && (root === -offset || root === 0)) return withoutRoot(value, flags)
    if (offset > 0 && root === 0) return withRoot(value, flags, offset)
    throw new IngotError(
      'bad-input',
      `${subject}: its file capability belongs to root id ${root}, not ${offset < 0 ? -offset : 0}`,
    )
  }
  throw new IngotError('bad-input', `${subject}: its file capability is malformed`)
}

function withoutRoot(value: Buffer, flags: number): Buffer {
  const plain = Buffer.from(value.subarray(0, 20))
  plain.writeUInt32LE((revision2 | flags) >>> 0, 0)
  return plain
}

function withRoot(value: Buffer, flags: number, root: number): Buffer {
  const bound = Buffer.alloc(24)
  value.copy(bound, 0, 0, 20)
  bound.writeUInt32LE((revision3 | flags) >>> 0, 0)
  bound.writeUInt32LE(root, 20)
  return bound
}
