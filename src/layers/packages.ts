import type { InstalledPackage } from './package-databases/types.ts'

export interface Package {
  readonly name: string
  readonly version: string
}

export interface PackageDifference {
  readonly added: readonly Package[]
  readonly removed: readonly Package[]
  readonly changed: readonly { readonly name: string; readonly before: string; readonly after: string }[]
}

/** Compares what two systems have installed, by name, and `name:architecture` where one is installed for several; sorted by that. */
export function comparePackages(
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): PackageDifference {
  const [a, b] = [versionsOf(before), versionsOf(after)]
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

function versionsOf(packages: readonly InstalledPackage[]): ReadonlyMap<string, string> {
  const architectures = new Map<string, Set<string>>()
  for (const { name, architecture } of packages) {
    architectures.set(name, (architectures.get(name) ?? new Set()).add(architecture))
  }
  const several = (name: string) => architectures.get(name)!.size > 1
  return new Map(
    packages.map(({ name, architecture, version }) => [several(name) ? `${name}:${architecture}` : name, version]),
  )
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
