import type { EntryHeader } from '../image/entry.ts'

/** 32 bits of an entry's mode, owner, time and extended attributes: two names of one file should have the same. */
export function attributesStamp({ mode, uid, gid, mtime, xattrs }: EntryHeader): number {
  let stamp = mix(mix(mix(0, mode), uid), gid)
  stamp = mix(mix(stamp, Number(BigInt.asIntN(32, mtime))), Number(BigInt.asIntN(32, mtime >> 32n)))
  if (xattrs.size === 0) return stamp
  for (const name of [...xattrs.keys()].sort()) {
    for (let i = 0; i < name.length; i++) stamp = mix(stamp, name.charCodeAt(i))
    for (const byte of xattrs.get(name)!) stamp = mix(stamp, byte)
  }
  return stamp
}

function mix(stamp: number, value: number): number {
  const mixed = Math.imul(stamp ^ value, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}
