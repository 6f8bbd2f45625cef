import type { ByteString } from '../../image/bytes.ts'
import type { Entry, EntryStream } from '../../image/entry.ts'
import type { Tally } from '../tally.ts'

const second = 1_000_000_000n
const latest = 0xffff_ffffn * second

/**
 * The entries as far as a squashfs can hold them: xattrs only of `user.`, `trusted.` and `security.` (so no POSIX ACLs),
 * times as whole seconds from 1970 to 2106. What is lost is counted, but for the fractions of seconds.
 */
export async function* fitSquashfs(entries: EntryStream, tally: Tally): EntryStream {
  for await (const entry of entries) yield fitEntry(entry, tally)
}

function fitEntry(entry: Entry, tally: Tally): Entry {
  const mtime = entry.mtime < 0n ? 0n : entry.mtime > latest ? latest : entry.mtime - (entry.mtime % second)
  if (entry.mtime < 0n || entry.mtime > latest) {
    tally.add('squashfs holds times from 1970 to 2106 only; others were moved to the nearest', entry.path)
  }
  const xattrs = entry.xattrs.size === 0 ? entry.xattrs : keptXattrs(entry, tally)
  return { ...entry, mtime, xattrs }
}

function keptXattrs(entry: Entry, tally: Tally): ReadonlyMap<ByteString, Buffer> {
  const kept = new Map<ByteString, Buffer>()
  for (const [name, value] of entry.xattrs) {
    if (/^(user|trusted|security)\./.test(name)) kept.set(name, value)
    else if (name.startsWith('system.posix_acl_')) {
      tally.add('squashfs cannot hold POSIX ACLs; they were left out', entry.path)
    } else tally.add(`squashfs cannot hold the extended attribute ${name}; it was left out`, entry.path)
  }
  return kept
}
