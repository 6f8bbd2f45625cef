import { size, text } from './fields.ts'
import type { InstalledPackage, PackageDatabase } from './types.ts'

/** A folder for each package, whose `desc` has `%FIELD%` on a line, values on the next ones, and then an empty line. */
export const pacman: PackageDatabase = {
  has: (path) => /^var\/lib\/pacman\/local\/[^/]+\/desc$/.test(path),
  read: (files) => [...files.values()].flatMap((content) => parse(content.toString('utf8'))),
}

function parse(description: string): readonly InstalledPackage[] {
  const fields = new Map<string, string>()
  for (const block of description.split(/\n\n+/)) {
    const [head = '', ...values] = block.trim().split('\n')
    const name = /^%([A-Z0-9]+)%$/.exec(head)?.[1]
    if (name !== undefined && !fields.has(name)) fields.set(name, values.join(name === 'LICENSE' ? ' AND ' : '\n'))
  }
  const [name, version, base] = [fields.get('NAME'), fields.get('VERSION'), fields.get('BASE')]
  if (!name || !version) return []
  return [
    {
      manager: 'pacman',
      name,
      version,
      architecture: fields.get('ARCH') ?? '',
      ...text('source', base === name ? undefined : base),
      ...text('maintainer', fields.get('PACKAGER')),
      ...text('homepage', fields.get('URL')),
      ...text('summary', fields.get('DESC')),
      ...text('license', fields.get('LICENSE')),
      ...size(fields.get('SIZE'), 1),
    },
  ]
}
