import type { ByteString } from '../image/bytes.ts'
import { bodyOf, type EntryStream } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { collect } from '../image/stream.ts'
import { entriesLayer } from './entries-layer.ts'

/** A package as the root file system's package manager has it written down. */
export interface InstalledPackage {
  readonly manager: 'dpkg' | 'apk'
  readonly name: string
  readonly version: string
  /** The distribution's name for it; '' where none is said. */
  readonly architecture: string
  /** Name of the source package, where it is another. */
  readonly source?: string
  readonly maintainer?: string
  readonly homepage?: string
  readonly summary?: string
  /** As the database says it; dpkg's says none. */
  readonly license?: string
  /** Bytes. */
  readonly installedSize?: number
}

/** Databases of everything a distribution has are a fifth of this. */
const mostBytes = 256 * 1024 * 1024

/**
 * The same tree; while it is read, its installed packages are put into `packages`: from dpkg's and apk's databases. Throws 'limit' for a
 * database of more than 256 MiB.
 */
export function notingPackages(layer: Layer, packages: InstalledPackage[]): Layer {
  async function* entries(): EntryStream {
    for await (const entry of layer.entries()) {
      const parse = entry.type === 'file' ? parserFor(entry.path) : undefined
      if (!parse) {
        yield entry
        continue
      }
      if (entry.size > mostBytes) {
        throw new IngotError('limit', `${entry.path}: a package database of ${entry.size} bytes`)
      }
      const content = await collect(entry.body)
      for (const one of parse(content.toString('utf8'))) packages.push(one)
      yield { ...entry, body: bodyOf(content) }
    }
  }
  return entriesLayer(layer.name, entries, { whiteouts: layer.whiteouts, canonical: layer.canonical ?? false })
}

/** What is installed in a tree. Reads it to its end. Throws as notingPackages. */
export async function installedPackages(layer: Layer): Promise<readonly InstalledPackage[]> {
  const packages: InstalledPackage[] = []
  for await (const _ of notingPackages(layer, packages).entries());
  return packages
}

/** How to read the package database of a path; undefined for any other path. */
function parserFor(path: ByteString): ((database: string) => readonly InstalledPackage[]) | undefined {
  if (path === 'var/lib/dpkg/status' || /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path)) return parseDpkg
  if (path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed') return parseApk
  return undefined
}

/** deb-control stanzas; only packages whose status ends in `installed` (distroless' status.d has no status: all count). */
function parseDpkg(database: string): readonly InstalledPackage[] {
  const found: InstalledPackage[] = []
  for (const stanza of database.split(/\n\n+/)) {
    const fields = fieldsOf(stanza, ': ')
    const [name, version, status] = [fields.get('Package'), fields.get('Version'), fields.get('Status')]
    if (!name || !version || (status !== undefined && !/ installed$/.test(status))) continue
    found.push({
      manager: 'dpkg',
      name,
      version,
      architecture: fields.get('Architecture') ?? '',
      ...text('source', fields.get('Source')?.replace(/ .*/, '')),
      ...text('maintainer', fields.get('Maintainer')),
      ...text('homepage', fields.get('Homepage')),
      ...text('summary', fields.get('Description')),
      ...size(fields.get('Installed-Size'), 1024),
    })
  }
  return found
}

/** apk's database: a letter, a colon and a value on each line (wiki.alpinelinux.org/wiki/Apk_spec). */
function parseApk(database: string): readonly InstalledPackage[] {
  const found: InstalledPackage[] = []
  for (const stanza of database.split(/\n\n+/)) {
    const fields = fieldsOf(stanza, ':')
    const [name, version] = [fields.get('P'), fields.get('V')]
    if (!name || !version) continue
    found.push({
      manager: 'apk',
      name,
      version,
      architecture: fields.get('A') ?? '',
      ...text('source', fields.get('o')),
      ...text('maintainer', fields.get('m')),
      ...text('homepage', fields.get('U')),
      ...text('summary', fields.get('T')),
      ...text('license', fields.get('L')),
      ...size(fields.get('I'), 1),
    })
  }
  return found
}

/** The first value of each field; lines that go on one are left out. */
function fieldsOf(stanza: string, separator: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of stanza.split('\n')) {
    const end = line.indexOf(separator)
    if (end < 1 || line.startsWith(' ')) continue
    const name = line.slice(0, end)
    if (!fields.has(name)) fields.set(name, line.slice(end + separator.length).trim())
  }
  return fields
}

function text<K extends string>(key: K, value: string | undefined): { readonly [k in K]?: string } {
  return (value ? { [key]: value } : {}) as { readonly [k in K]?: string }
}

function size(value: string | undefined, unit: number): { readonly installedSize?: number } {
  return value && /^\d{1,15}$/.test(value) ? { installedSize: Number(value) * unit } : {}
}
