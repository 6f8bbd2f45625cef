import { displayBytes } from '../image/bytes.ts'
import type { SystemImage } from '../image/system-image.ts'
import { compareTrees } from '../layers/compare.ts'
import type { PathDifference } from '../layers/comparison.ts'
import { inFewestReadings } from '../layers/fewest-readings.ts'
import { notingPackages } from '../layers/installed-packages.ts'
import type { InstalledPackage } from '../layers/package-databases/types.ts'
import { comparePackages, type PackageDifference } from '../layers/packages.ts'
import { warn } from './run-pour.ts'
import { writeOut } from './write-out.ts'

interface ImageDifference {
  readonly equal: boolean
  readonly packages: PackageDifference
  readonly files: Iterable<PathDifference>
}

/**
 * Compares the flattened trees and the package databases of two images. Each layer is read once where its order allows it; memory grows
 * with the number of paths: see layers/comparison.ts.
 */
async function diffImages(
  a: SystemImage,
  b: SystemImage,
  options: { readonly times: boolean },
): Promise<ImageDifference> {
  return await inFewestReadings(async (flatten) => {
    const before: InstalledPackage[] = []
    const after: InstalledPackage[] = []
    const left = notingPackages(flatten(a.layers, a.source), before, warn)
    const right = notingPackages(flatten(b.layers, b.source), after, warn)
    const files = await compareTrees(left, right, options)
    const [first] = files
    return { equal: first === undefined, packages: comparePackages(before, after), files }
  })
}

/** Compares two images, prints what differs and sets the exit status: 1 when anything does. */
export async function printDiff(
  a: SystemImage,
  b: SystemImage,
  flags: { readonly times?: boolean; readonly format: 'table' | 'json' },
): Promise<void> {
  const diff = await diffImages(a, b, { times: flags.times ?? false })
  await writeOut(flags.format === 'json' ? jsonOf(diff) : linesOf(diff))
  process.exitCode = diff.equal ? 0 : 1
}

/** `+` added, `-` removed, `~` changed; packages first because they explain the files. */
function* linesOf({ equal, packages, files }: ImageDifference): Generator<string> {
  if (equal) yield 'no differences\n'
  for (const x of packages.removed) yield `- package ${x.name} ${x.version}\n`
  for (const x of packages.added) yield `+ package ${x.name} ${x.version}\n`
  for (const x of packages.changed) yield `~ package ${x.name} ${x.before} -> ${x.after}\n`
  for (const x of files) if (x.kind === 'removed') yield `- /${displayBytes(x.path)}\n`
  for (const x of files) if (x.kind === 'added') yield `+ /${displayBytes(x.path)}\n`
  for (const x of files) if (x.kind === 'changed') yield `~ /${displayBytes(x.path)}  ${x.what.join(', ')}\n`
}

/** `{equal, packages: {added, removed, changed}, files: {added, removed, changed}}`, a path a line. */
function* jsonOf({ equal, packages, files }: ImageDifference): Generator<string> {
  yield `{\n  "equal": ${equal},\n  "packages": ${JSON.stringify(packages)},\n  "files": {`
  let separator = '\n'
  for (const kind of ['added', 'removed', 'changed'] as const) {
    yield `${separator}    "${kind}": [`
    separator = '\n'
    for (const x of files) {
      if (x.kind !== kind) continue
      const path = displayBytes(x.path)
      yield `${separator}      ${JSON.stringify(kind === 'changed' ? { path, what: x.what } : path)}`
      separator = ',\n'
    }
    yield separator === '\n' ? ']' : '\n    ]'
    separator = ',\n'
  }
  yield '\n  }\n}\n'
}
