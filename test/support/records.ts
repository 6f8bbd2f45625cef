import { createHash } from 'node:crypto'
import type { EntryHeader } from '../../src/image/entry.ts'
import type { Layer } from '../../src/image/layer.ts'

/** All that a tree says about one path, in comparable form; holes are read as the zeros they are. */
export interface TreeRecord {
  readonly type: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: bigint
  readonly link: string
  readonly device: string
  readonly xattrs: Readonly<Record<string, string>>
  readonly content: string
  /** All names of the same inode, when there are several. */
  readonly names: readonly string[]
}

export type TreeRecords = Map<string, TreeRecord>

/** Reads a layer into records by path. Hard links share their file's record. */
export async function recordsOf(layer: Layer): Promise<TreeRecords> {
  const records = new Map<string, TreeRecord>()
  const inode = new Map<string, string>()
  const groups = new Map<string, string[]>()
  for await (const entry of layer.entries()) {
    if (entry.type === 'hardlink') {
      const first = inode.get(entry.linkTarget)
      if (first === undefined) throw new Error(`hard link ${entry.path} before its target ${entry.linkTarget}`)
      inode.set(entry.path, first)
      groups.get(first)!.push(entry.path)
      continue
    }
    if (records.has(entry.path)) throw new Error(`${entry.path} comes twice`)
    records.set(entry.path, record(entry, await contentHash(entry, entry.body)))
    inode.set(entry.path, entry.path)
    groups.set(entry.path, [entry.path])
  }
  const all: TreeRecords = new Map()
  for (const [first, names] of groups) {
    names.sort()
    for (const name of names) all.set(name, { ...records.get(first)!, names: names.length > 1 ? names : [] })
  }
  return all
}

function record(header: EntryHeader, content: string): TreeRecord {
  const xattrs = [...header.xattrs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, value.toString('hex')])
  return {
    type: header.type,
    mode: header.mode,
    uid: header.uid,
    gid: header.gid,
    mtime: header.mtime,
    link: header.linkTarget,
    device: `${header.devMajor}:${header.devMinor}`,
    xattrs: Object.fromEntries(xattrs),
    content,
    names: [],
  }
}

async function contentHash(header: EntryHeader, body: AsyncIterable<Buffer>): Promise<string> {
  if (header.type !== 'file') return ''
  const hash = createHash('sha256')
  let at = 0
  const zeros = (until: number) => {
    for (; at < until; at += Math.min(65536, until - at)) hash.update(Buffer.alloc(Math.min(65536, until - at)))
  }
  const data: Buffer[] = []
  for await (const chunk of body) data.push(Buffer.from(chunk))
  let bytes = Buffer.concat(data)
  for (const run of header.sparse ?? [{ offset: 0, length: header.size }]) {
    zeros(run.offset)
    hash.update(bytes.subarray(0, run.length))
    bytes = bytes.subarray(run.length)
    at += run.length
  }
  if (bytes.length > 0) throw new Error(`${header.path}: ${bytes.length} bytes too many`)
  zeros(header.size)
  return `${header.size}:${hash.digest('hex')}`
}
