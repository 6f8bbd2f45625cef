import { rmdirSync, truncateSync, unlinkSync } from 'node:fs'
import { treePaths } from '../../formats/dir/path.ts'
import { walkTree } from '../../formats/dir/walk.ts'
import { createTally } from '../../formats/tally.ts'
import type { ByteString } from '../../image/bytes.ts'
import { cleanTree } from '../../layers/clean.ts'
import type { CleanOperation } from '../../layers/clean-operations.ts'
import { entriesLayer } from '../../layers/entries-layer.ts'

/** Takes out of a root on disk what cleaning takes out of the image. */
export async function applyCleaning(root: string, operations: readonly CleanOperation[]): Promise<void> {
  const tally = createTally(() => {})
  const tree = entriesLayer(root, () => walkTree(root, tally), { canonical: true })
  const kept = new Map<ByteString, number>()
  for await (const { path, size } of cleanTree(tree, operations).entries()) kept.set(path, size)
  const gone: { readonly path: ByteString; readonly folder: boolean }[] = []
  const paths = treePaths(root)
  for await (const { path, type, size } of walkTree(root, tally)) {
    const left = kept.get(path)
    if (left === undefined) gone.push({ path, folder: type === 'directory' })
    else if (type === 'file' && left !== size) truncateSync(paths.host(path))
  }
  // What lies in a folder goes before it.
  for (const { path, folder } of gone.reverse()) (folder ? rmdirSync : unlinkSync)(paths.host(path))
}
