import { displayBytes } from '../image/bytes.ts'
import type { SystemImage } from '../image/system-image.ts'
import { compareTrees, type TreeDifference } from '../layers/compare.ts'
import { flatten } from '../layers/flatten.ts'
import { comparePackages, type PackageDifference, packagesOf } from '../layers/packages.ts'

export interface ImageDifference {
  readonly equal: boolean
  readonly packages: PackageDifference
  readonly files: TreeDifference
}

/** Compares the flattened trees and the package databases of two images. */
export async function diffImages(
  a: SystemImage,
  b: SystemImage,
  options: { readonly times: boolean },
): Promise<ImageDifference> {
  const [left, right] = [flatten(a.layers, a.source), flatten(b.layers, b.source)]
  const files = await compareTrees(left, right, options)
  const packages = comparePackages(await packagesOf(left), await packagesOf(right))
  const equal = files.added.length + files.removed.length + files.changed.length === 0
  return { equal, packages, files }
}

/** `+` added, `-` removed, `~` changed; packages first because they explain the files. */
export function renderDiff(diff: ImageDifference): string {
  const lines: string[] = []
  const p = diff.packages
  for (const x of p.removed) lines.push(`- package ${x.name} ${x.version}`)
  for (const x of p.added) lines.push(`+ package ${x.name} ${x.version}`)
  for (const x of p.changed) lines.push(`~ package ${x.name} ${x.before} -> ${x.after}`)
  for (const path of diff.files.removed) lines.push(`- /${displayBytes(path)}`)
  for (const path of diff.files.added) lines.push(`+ /${displayBytes(path)}`)
  for (const change of diff.files.changed) lines.push(`~ /${displayBytes(change.path)}  ${change.what.join(', ')}`)
  return lines.length === 0 ? 'no differences\n' : `${lines.join('\n')}\n`
}
