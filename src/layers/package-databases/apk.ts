import { fieldsOf, size, text } from './fields.ts'
import type { InstalledPackage, PackageDatabase } from './types.ts'

/** A letter, a colon and a value on each line (wiki.alpinelinux.org/wiki/Apk_spec). */
export const apk: PackageDatabase = {
  has: (path) => path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed',
  read: (files) => [...files.values()].flatMap((content) => parse(content.toString('utf8'))),
}

function parse(database: string): readonly InstalledPackage[] {
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
