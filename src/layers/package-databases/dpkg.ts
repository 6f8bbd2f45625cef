import { fieldsOf, size, text } from './fields.ts'
import type { InstalledPackage, PackageDatabase } from './types.ts'

/** deb-control stanzas; distroless images have a file for each package. */
export const dpkg: PackageDatabase = {
  has: (path) => path === 'var/lib/dpkg/status' || /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path),
  read: (files) => [...files.values()].flatMap((content) => parse(content.toString('utf8'))),
}

/** Only packages whose status ends in `installed` (distroless' status.d has no status: all count). */
function parse(database: string): readonly InstalledPackage[] {
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
