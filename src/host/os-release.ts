import { readFileSync } from 'node:fs'
import { errnoOf, ioError } from '../image/error.ts'

/** Ways in which distributions install packages. */
export type Family = 'debian' | 'fedora' | 'arch' | 'alpine' | 'suse'

export interface Distribution {
  /** `PRETTY_NAME`, or `Linux`. */
  readonly name: string
  readonly family: Family | undefined
}

const families: Readonly<Record<string, Family>> = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'fedora',
  rhel: 'fedora',
  centos: 'fedora',
  arch: 'arch',
  alpine: 'alpine',
  suse: 'suse',
  opensuse: 'suse',
  sles: 'suse',
}

/** The assignments of an os-release file (os-release(5)): quotes and backslashes undone, malformed lines left out. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line)
    if (match) values.set(match[1]!, unquote(match[2]!))
  }
  return values
}

function unquote(value: string): string {
  if (value.length >= 2 && value.startsWith("'") && value.endsWith("'")) return value.slice(1, -1)
  const inner = value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
  return inner.replace(/\\(.)/g, '$1')
}

/** What this machine runs, by /etc/os-release, then /usr/lib/os-release. */
export function distribution(): Distribution {
  const values = parseOsRelease(readFirst(['/etc/os-release', '/usr/lib/os-release']))
  return { name: values.get('PRETTY_NAME') ?? 'Linux', family: familyOf(values) }
}

/** The family by `ID`, then by the words of `ID_LIKE`. */
export function familyOf(values: ReadonlyMap<string, string>): Family | undefined {
  const names = [values.get('ID') ?? '', ...(values.get('ID_LIKE') ?? '').split(' ')]
  return names.map((name) => families[name] ?? families[name.split('-')[0]!]).find((family) => family !== undefined)
}

function readFirst(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw ioError(`read ${path}`, error)
    }
  }
  return ''
}
