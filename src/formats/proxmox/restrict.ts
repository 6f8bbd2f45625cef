import { type ByteString, displayBytes } from '../../image/bytes.ts'
import type { EntryHeader, EntryStream } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import { selectEntries } from '../../layers/select.ts'
import type { Tally } from '../tally.ts'

/** Ids that an unprivileged container has. */
const idCount = 65536
const keptNames = new Set(['security.capability', 'system.posix_acl_access', 'system.posix_acl_default'])

/**
 * The tree without what no unprivileged container can be created from: device nodes, and all in `/dev` but directories
 * (PVE fills `/dev` itself). `dropped` gets the paths that are left out, by the reason.
 */
export function withoutDevices(tree: Layer, dropped: Readonly<Record<DropReason, Set<ByteString>>>): Layer {
  return selectEntries(tree, (header) => {
    const reason = dropReason(header)
    if (reason === undefined) return header
    dropped[reason].add(header.path)
    return undefined
  })
}

type DropReason = 'node' | 'dev'

function dropReason(header: EntryHeader): DropReason | undefined {
  if (header.type === 'char' || header.type === 'block') return header.path.startsWith('dev/') ? 'dev' : 'node'
  return header.path.startsWith('dev/') && header.type !== 'directory' ? 'dev' : undefined
}

/**
 * The entries as PVE's tar takes them: xattrs other than `user.`, `security.capability` and ACLs are left out and
 * counted. Throws 'unsupported' at the first id that an unprivileged container does not have.
 */
export async function* restrictEntries(entries: EntryStream, tally: Tally): EntryStream {
  for await (const entry of entries) {
    checkIds(entry)
    yield entry.xattrs.size === 0 ? entry : { ...entry, xattrs: keptXattrs(entry, tally) }
  }
}

function checkIds({ path, uid, gid }: EntryHeader): void {
  if (uid < idCount && gid < idCount) return
  const [kind, id] = uid < idCount ? ['gid', gid] : ['uid', uid]
  const shifted = [uid, gid].every((value) => value >= 100000 && value < 100000 + idCount)
  throw new IngotError(
    'unsupported',
    `/${displayBytes(path)}: ${kind} ${id}: an unprivileged Proxmox VE container has ids below ${idCount} only`,
    {
      hint: shifted
        ? 'These are ids of such a container as the host sees them: pack with --shift-ids -100000.'
        : 'Give the file to another owner first; ids as the host of an unprivileged container sees them go away with --shift-ids -100000.',
    },
  )
}

function keptXattrs(entry: EntryHeader, tally: Tally): ReadonlyMap<ByteString, Buffer> {
  const kept = new Map<ByteString, Buffer>()
  for (const [name, value] of entry.xattrs) {
    if (name.startsWith('user.') || keptNames.has(name)) kept.set(name, value)
    else
      tally.add(`Proxmox VE does not unpack the extended attribute ${displayBytes(name)}; it was left out`, entry.path)
  }
  return kept
}
