import { type ByteString, bufferFromBytes } from '../image/bytes.ts'
import { type EntryHeader, noXattrs } from '../image/entry.ts'
import { aclFromText, aclToText } from './acl.ts'
import { shown } from './fault.ts'
import type { PaxRecords } from './pax.ts'

const schily = 'SCHILY.xattr.'
const libarchive = 'LIBARCHIVE.xattr.'
const acls = [
  { kind: 'access', keyword: 'SCHILY.acl.access', xattr: 'system.posix_acl_access' },
  { kind: 'default', keyword: 'SCHILY.acl.default', xattr: 'system.posix_acl_default' },
] as const

/** Why an entry's extended attributes are refused. */
export interface XattrFault {
  readonly fault: string
  readonly hint?: string
}

const namedAclHint =
  "Pack the tree again with `tar --acls --xattrs --xattrs-include='*'`, which keeps ids as numbers too."

/**
 * The extended attributes that PAX records hold: `SCHILY.xattr.NAME` with raw bytes, `LIBARCHIVE.xattr.NAME` with
 * base64 where there is no raw form, and access control lists in text where there is no raw one.
 */
export function xattrsFromPax(records: PaxRecords): ReadonlyMap<ByteString, Buffer> | XattrFault {
  let xattrs: Map<ByteString, Buffer> | undefined
  for (const [keyword, value] of records) {
    if (!keyword.startsWith('SCHILY.') && !keyword.startsWith(libarchive)) continue
    xattrs ??= new Map()
    const fault = addXattr(xattrs, records, keyword, value)
    if (fault !== undefined) return fault
  }
  return xattrs === undefined || xattrs.size === 0 ? noXattrs : xattrs
}

function addXattr(
  xattrs: Map<ByteString, Buffer>,
  records: PaxRecords,
  keyword: ByteString,
  value: ByteString,
): XattrFault | undefined {
  if (keyword.startsWith(schily)) {
    const name = keyword.slice(schily.length).replace(/%(3D|25)/g, (code) => (code === '%25' ? '%' : '='))
    if (name === '' || name.includes('\0')) return { fault: 'an extended attribute has no usable name' }
    // GNU tar writes attributes without a value so, and reads them back.
    xattrs.set(name, bufferFromBytes(value))
  } else if (keyword.startsWith(libarchive)) {
    const encoded = keyword.slice(libarchive.length)
    const name = encoded.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    if (name === '' || name.includes('\0')) return { fault: 'an extended attribute has no usable name' }
    if (records.has(schily + encodeName(name))) return undefined
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return { fault: `the value of ${shown(name)} is not base64` }
    if (!xattrs.has(name)) xattrs.set(name, Buffer.from(value, 'base64'))
  } else {
    const acl = acls.find((one) => one.keyword === keyword)
    if (acl === undefined || value === '' || records.has(schily + acl.xattr)) return undefined
    const binary = aclFromText(value, acl.kind)
    if (binary === undefined) return undefined
    if (!Buffer.isBuffer(binary)) return { fault: `${keyword}: ${binary.fault}`, hint: namedAclHint }
    xattrs.set(acl.xattr, binary)
  }
  return undefined
}

/**
 * Adds the records that carry a header's extended attributes. Access control lists go in twice, because each peer
 * reads one form: GNU tar with `--acls` (Proxmox VE) the text, and `--xattrs-include=*` (LXD) and the Go tools the
 * raw attribute.
 */
export function addXattrRecords(records: PaxRecords, header: EntryHeader): void {
  for (const [name, value] of header.xattrs) records.set(schily + encodeName(name), value.toString('latin1'))
  for (const { kind, keyword, xattr } of acls) {
    const value = header.xattrs.get(xattr)
    if (value === undefined || header.type === 'symlink') continue
    if (kind === 'default' && header.type !== 'directory') continue
    const text = aclToText(value)
    if (text !== undefined) records.set(keyword, text)
  }
}

/**
 * A PAX keyword cannot hold `=`. GNU tar writes it as `%3D` and `%` as `%25`; so do we, but `%` only where it would
 * be read as one of these two, so that Go's tools, which decode nothing, see other names as they are.
 */
function encodeName(name: ByteString): ByteString {
  return name.replace(/%(?=3D|25)/g, '%25').replace(/=/g, '%3D')
}
