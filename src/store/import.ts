import { basename } from 'node:path'
import { probedMetadata } from '../formats/lxd/complete-metadata.ts'
import { absoluteReference, type ImageReference, resolveReference } from '../formats/reference.ts'
import { detectFormat, formatNamed } from '../formats/registry.ts'
import { selectCandidate } from '../formats/select.ts'
import type { ImageInput, ReadOptions } from '../formats/types.ts'
import type { Platform } from '../image/platform.ts'
import { parseAlias } from './alias-name.ts'
import { type KeepOptions, type Kept, keepImage, type Origin } from './keep.ts'
import type { Store } from './store.ts'
import { takeIn } from './take-in.ts'

export interface ImportOptions extends ReadOptions, KeepOptions {
  readonly platform?: Platform
  /** Changes the input before it is read, for instance to count what is read. */
  readonly watch?: (input: ImageInput) => ImageInput
}

/**
 * Takes the image that a reference names into the store, byte for byte; see keepImage. What it does not say of itself (os, release …)
 * is looked for in its tree. Throws what reading it throws.
 */
export async function importImage(store: Store, reference: string, options: ImportOptions = {}): Promise<Kept> {
  options.aliases?.forEach(parseAlias) // fails before anything is read
  const resolved = await resolveReference(reference)
  const input = options.watch?.(resolved.input) ?? resolved.input
  const format = resolved.format ? formatNamed(resolved.format) : await detectFormat(input)
  const candidates = await format.list(input, options)
  const image = await selectCandidate(candidates, { name: resolved.name, platform: options.platform }, reference).open()
  const own = await image.metadata()
  const metadata = image.type === 'virtual-machine' ? own : await probedMetadata(own, image)
  const alone = candidates.length === 1
  return await keepImage(
    store,
    (staging) => takeIn(staging, format.name, input, image, alone),
    metadata,
    originOf(resolved, input),
    options,
  )
}

function originOf(resolved: ImageReference, watched: ImageInput): Origin {
  const isStdin = watched.display === '-'
  const source = { protocol: 'file', server: isStdin ? '-' : absoluteReference(resolved), alias: resolved.name ?? '' }
  return { source, fileName: isStdin ? '' : basename(watched.parts[0]!.path) }
}
