import { displayBytes } from '../image/bytes.ts'
import type { SystemImage } from '../image/system-image.ts'
import { compareTrees, type TreeDifference } from '../layers/compare.ts'
import { inFewestReadings } from '../layers/fewest-readings.ts'
import { comparePackages, notingPackages, type PackageDifference } from '../layers/packages.ts'

const pieceLength = 64 * 1024

interface ImageDifference {
  readonly equal: boolean
  readonly packages: PackageDifference
  readonly files: TreeDifference
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
    const [before, after] = [new Map<string, string>(), new Map<string, string>()]
    const left = notingPackages(flatten(a.layers, a.source), before)
    const right = notingPackages(flatten(b.layers, b.source), after)
    const files = await compareTrees(left, right, options)
    const equal = files.added.length + files.removed.length + files.changed.length === 0
    return { equal, packages: comparePackages(before, after), files }
  })
}

/** Compares two images, prints what differs and sets the exit status: 1 when anything does. */
export async function printDiff(
  a: SystemImage,
  b: SystemImage,
  flags: { readonly times?: boolean; readonly format: 'table' | 'json' },
): Promise<void> {
  const diff = await diffImages(a, b, { times: flags.times ?? false })
  const text = flags.format === 'json' ? [`${JSON.stringify(diff, null, 2)}\n`] : renderDiff(diff)
  for (const piece of text) process.stdout.write(piece)
  process.exitCode = diff.equal ? 0 : 1
}

/** In pieces of some 64 KiB. `+` added, `-` removed, `~` changed; packages first because they explain the files. */
function* renderDiff(diff: ImageDifference): Generator<string> {
  let piece = ''
  let lines = 0
  for (const line of linesOf(diff)) {
    lines++
    piece += `${line}\n`
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  yield lines === 0 ? 'no differences\n' : piece
}

function* linesOf({ packages, files }: ImageDifference): Generator<string> {
  for (const x of packages.removed) yield `- package ${x.name} ${x.version}`
  for (const x of packages.added) yield `+ package ${x.name} ${x.version}`
  for (const x of packages.changed) yield `~ package ${x.name} ${x.before} -> ${x.after}`
  for (const path of files.removed) yield `- /${displayBytes(path)}`
  for (const path of files.added) yield `+ /${displayBytes(path)}`
  for (const change of files.changed) yield `~ /${displayBytes(change.path)}  ${change.what.join(', ')}`
}
