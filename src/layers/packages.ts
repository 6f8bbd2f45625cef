import type { ByteString } from '../image/bytes.ts'
import { bodyOf, type Entry, type EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { entriesLayer } from './entries-layer.ts'

export interface Package {
  readonly name: string
  readonly version: string
}

export interface PackageDifference {
  readonly added: readonly Package[]
  readonly removed: readonly Package[]
  readonly changed: readonly { readonly name: string; readonly before: string; readonly after: string }[]
}

/** Databases of everything a distribution has are a fifth of this. */
const mostBytes = 256 * 1024 * 1024

/**
 * The same tree; while it is read, its installed packages are put into `packages` by name (`name:architecture` where one is
 * installed for several): from dpkg's and apk's databases. Throws 'limit' for a database of more than 256 MiB.
 */
export function notingPackages(layer: Layer, packages: Map<string, string>): Layer {
  async function* entries(): EntryStream {
    for await (const entry of layer.entries()) {
      const parse = entry.type === 'file' ? parserFor(entry.path) : undefined
      if (!parse) {
        yield entry
        continue
      }
      const content = await contentOf(entry)
      for (const [name, version] of parse(content.toString('utf8'))) packages.set(name, version)
      yield { ...entry, body: bodyOf(content) }
    }
  }
  return entriesLayer(layer.name, entries, { whiteouts: layer.whiteouts, canonical: layer.canonical ?? false })
}

/** How to read a package database; undefined for any other path. */
function parserFor(path: ByteString): ((database: string) => Iterable<[string, string]>) | undefined {
  if (path === 'var/lib/dpkg/status' || /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path)) return parseDpkg
  if (path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed') return parseApk
  return undefined
}

/** Compares two sets of packages; everything sorted by name. */
export function comparePackages(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): PackageDifference {
  const only = (x: ReadonlyMap<string, string>, y: ReadonlyMap<string, string>) =>
    [...x]
      .filter(([name]) => !y.has(name))
      .map(([name, version]) => ({ name, version }))
      .sort(byName)
  const changed = [...a].flatMap(([name, before]) => {
    const after = b.get(name)
    return after !== undefined && after !== before ? [{ name, before, after }] : []
  })
  return { added: only(b, a), removed: only(a, b), changed: changed.sort(byName) }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** deb-control stanzas; only packages whose status ends in `installed` (distroless' status.d has no status: all count). */
function parseDpkg(database: string): Map<string, string> {
  const found = new Map<string, { version: string; architecture: string }[]>()
  for (const stanza of database.split(/\n\n+/)) {
    const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(stanza)?.[1]?.trim()
    const [name, version, status] = [field('Package'), field('Version'), field('Status')]
    if (!name || !version || (status !== undefined && !/ installed$/.test(status))) continue
    const list = found.get(name) ?? []
    list.push({ version, architecture: field('Architecture') ?? '' })
    found.set(name, list)
  }
  const packages = new Map<string, string>()
  for (const [name, list] of found) {
    for (const { version, architecture } of list)
      packages.set(list.length > 1 ? `${name}:${architecture}` : name, version)
  }
  return packages
}

function* parseApk(database: string): Generator<[string, string]> {
  for (const stanza of database.split(/\n\n+/)) {
    const name = /^P:(.*)$/m.exec(stanza)?.[1]
    const version = /^V:(.*)$/m.exec(stanza)?.[1]
    if (name && version) yield [name, version]
  }
}

async function contentOf(entry: Entry): Promise<Buffer> {
  if (entry.size > mostBytes) throw new IngotError('limit', `${entry.path}: a package database of ${entry.size} bytes`)
  const chunks: Buffer[] = []
  for await (const chunk of entry.body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
