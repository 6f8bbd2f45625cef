import { createHash } from 'node:crypto'
import { bodyOf, type Entry, type EntryHeader, makeHeader, parentPath } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import { entriesLayer } from './entries-layer.ts'

/** An entry of a test's layer, with its content. */
export interface TestItem {
  readonly header: EntryHeader
  readonly data: Buffer
}

type Fields = Partial<Omit<EntryHeader, 'path' | 'type' | 'linkTarget'>>

export function file(path: string, content: string, fields: Fields = {}): TestItem {
  const data = Buffer.from(content, 'latin1')
  return { header: makeHeader({ path, type: 'file', size: data.length, ...fields }), data }
}

export function folder(path: string, fields: Fields = {}): TestItem {
  return bare({ path, type: 'directory', ...fields })
}

export function symlink(path: string, linkTarget: string, fields: Fields = {}): TestItem {
  return bare({ path, type: 'symlink', linkTarget, ...fields })
}

/** A hard link; with the attributes of `file`'s defaults. */
export function hardlink(path: string, linkTarget: string, fields: Fields = {}): TestItem {
  return bare({ path, type: 'hardlink', linkTarget, mode: 0o644, ...fields })
}

export function bare(fields: Partial<EntryHeader> & Pick<EntryHeader, 'path' | 'type'>): TestItem {
  return { header: makeHeader(fields), data: Buffer.alloc(0) }
}

export interface TestLayer extends Layer {
  /** How often the entries were read. */
  readonly readings: number
}

/** A layer in memory. */
export function layerOf(
  items: readonly TestItem[],
  options: { whiteouts?: boolean; canonical?: boolean } = {},
): TestLayer {
  let readings = 0
  async function* open(): AsyncGenerator<Entry> {
    readings++
    for (const { header, data } of items) yield { ...header, body: bodyOf(data) }
  }
  const layer = entriesLayer('test', open, options)
  return {
    ...layer,
    get readings() {
      return readings
    },
  }
}

/** A layer whose `.wh.` names are whiteouts. */
export function changes(...items: readonly TestItem[]): TestLayer {
  return layerOf(items, { whiteouts: true })
}

/** All that a tree says about one path, in a form that tests can compare. */
export interface PathRecord {
  readonly type: string
  readonly mode: number
  readonly owner: string
  readonly mtime: bigint
  readonly target: string
  readonly device: string
  readonly xattrs: Readonly<Record<string, string>>
  /** SHA-256 with holes read as zeros. */
  readonly content: string
  /** All names of the file, when there are several. */
  readonly names: string
}

export type TreeRecords = Readonly<Record<string, PathRecord>>

/**
 * Reads a layer that claims to be a canonical tree. Fails when it is not: parents come first and are directories, no path
 * comes twice, a hard link comes after its target, which is a file or one more link to it.
 */
export async function readTree(layer: Layer): Promise<TreeRecords> {
  const records = new Map<string, PathRecord>()
  /** The names of each file, under every one of them. */
  const names = new Map<string, string[]>()
  for await (const entry of layer.entries()) {
    const { path, linkTarget } = entry
    if (records.has(path)) throw new Error(`${path} comes twice`)
    if (path !== '' && records.get(parentPath(path))?.type !== 'directory')
      throw new Error(`${path} comes before its parent`)
    if (entry.type === 'hardlink') {
      const group = names.get(linkTarget)
      if (!group) throw new Error(`${path} is a link to ${linkTarget}, which is no file before it`)
      group.push(path)
      names.set(path, group)
      records.set(path, records.get(linkTarget)!)
    } else {
      records.set(path, recordOf(entry, entry.type === 'file' ? await hashOf(entry) : ''))
      if (entry.type !== 'directory') names.set(path, [path])
    }
  }
  for (const [path, group] of names) {
    if (group.length > 1) records.set(path, { ...records.get(path)!, names: [...group].sort().join(' ') })
  }
  return Object.fromEntries([...records].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The paths of a layer in their order, hard links as `path=target`. */
export async function pathsOf(layer: Layer): Promise<string[]> {
  const paths: string[] = []
  for await (const { path, type, linkTarget } of layer.entries())
    paths.push(type === 'hardlink' ? `${path}=${linkTarget}` : path)
  return paths
}

/** An entry with its content. */
export type PlainEntry = Omit<Entry, 'body'> & { readonly content: string }

export async function plainEntries(layer: Layer): Promise<readonly PlainEntry[]> {
  const all: PlainEntry[] = []
  for await (const { body, ...header } of layer.entries()) {
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk)
    all.push({ ...header, content: Buffer.concat(chunks).toString('latin1') })
  }
  return all
}

/** The content of one file of a layer, as text. */
export async function contentOf(layer: Layer, path: string): Promise<string | undefined> {
  for await (const entry of layer.entries()) {
    if (entry.path !== path) continue
    const chunks: Buffer[] = []
    for await (const chunk of entry.body) chunks.push(chunk)
    return Buffer.concat(chunks).toString('latin1')
  }
  return undefined
}

export function recordOf(header: EntryHeader, content: string): PathRecord {
  const xattrs = [...header.xattrs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, value.toString('hex')])
  return {
    type: header.type,
    mode: header.mode,
    owner: `${header.uid}:${header.gid}`,
    mtime: header.mtime,
    target: header.linkTarget,
    device: `${header.devMajor}:${header.devMinor}`,
    xattrs: Object.fromEntries(xattrs),
    content,
    names: '',
  }
}

/** Of a file's content, holes filled. */
export function hashContent(header: EntryHeader, data: Buffer): string {
  const whole = Buffer.alloc(header.size)
  let taken = 0
  for (const run of header.sparse ?? [{ offset: 0, length: header.size }]) {
    data.copy(whole, run.offset, taken, taken + run.length)
    taken += run.length
  }
  if (taken !== data.length)
    throw new Error(`${header.path}: ${data.length} bytes of content where there should be ${taken}`)
  return createHash('sha256').update(whole).digest('hex')
}

async function hashOf(entry: Entry): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of entry.body) chunks.push(Buffer.from(chunk))
  return hashContent(entry, Buffer.concat(chunks))
}
