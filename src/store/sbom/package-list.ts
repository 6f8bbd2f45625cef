import type { Described } from './purl.ts'

/** A line for each package: its name, version and architecture, with tabs between them. */
export function packageList({ packages }: Described): string {
  return packages.map(({ name, version, architecture }) => `${name}\t${version}\t${architecture}\n`).join('')
}
