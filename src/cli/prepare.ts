import { mapLayers, mapMetadata, withTree } from '../formats/transform.ts'
import type { ImageMetadata, RunConfig } from '../image/metadata.ts'
import { findArchitecture } from '../image/platform.ts'
import type { SystemImage } from '../image/system-image.ts'
import { cleanTree, createCleanReport } from '../layers/clean.ts'
import { planCleaning } from '../layers/clean-plan.ts'
import type { Flatten } from '../layers/flatten.ts'
import { shiftIds } from '../layers/shift.ts'
import { formatBytes, renderTable } from './text.ts'

/** What `ingot pack` can change on the way. */
export interface PrepareFlags {
  readonly clean?: string | true
  readonly cleanOn?: readonly string[]
  readonly cleanOff?: readonly string[]
  readonly shiftIds?: number
  readonly property?: Readonly<Record<string, string>>
  readonly cmd?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly env?: readonly string[]
  readonly stopSignal?: string
}

export interface Prepared {
  readonly image: SystemImage
  /** Says what cleaning took away, once the image was written. */
  report(to: { write(text: string): unknown }): void
}

/**
 * Wraps an image in the transforms that the flags ask for; ids are shifted before cleaning looks at them. Cleaning makes one layer of
 * all.
 */
export function prepare(source: SystemImage, flags: PrepareFlags, flatten: Flatten): Prepared {
  let image = source
  const offset = flags.shiftIds
  if (offset !== undefined) image = mapLayers(image, (layer) => shiftIds(layer, offset))
  const cleaning = flags.clean !== undefined || flags.cleanOn !== undefined
  const report = createCleanReport()
  if (cleaning) {
    const preset = typeof flags.clean === 'string' ? flags.clean : flags.clean === true ? 'standard' : 'none'
    const plan = planCleaning({ preset, on: flags.cleanOn ?? [], off: flags.cleanOff ?? [] })
    image = withTree(image, cleanTree(flatten(image.layers, image.source), plan, report))
  }
  if (changesMetadata(flags)) image = mapMetadata(image, (metadata) => changeMetadata(metadata, flags))
  return {
    image,
    report(to) {
      if (!cleaning) return
      const rows = report.results().filter((r) => r.entries > 0)
      if (rows.length === 0) to.write('cleaned: there was nothing to remove\n')
      else
        to.write(
          renderTable(
            ['CLEANED', 'ENTRIES', 'SIZE'],
            rows.map((r) => [r.operation, String(r.entries), formatBytes(r.bytes)]),
          ),
        )
    },
  }
}

function changesMetadata(flags: PrepareFlags): boolean {
  return [flags.property, flags.cmd, flags.entrypoint, flags.env, flags.stopSignal].some((flag) => flag !== undefined)
}

function changeMetadata(metadata: ImageMetadata, flags: PrepareFlags): ImageMetadata {
  const run: RunConfig = {
    ...metadata.run,
    ...(flags.cmd ? { cmd: flags.cmd } : {}),
    ...(flags.entrypoint ? { entrypoint: flags.entrypoint } : {}),
    ...(flags.env ? { env: [...(metadata.run.env ?? []), ...flags.env] } : {}),
    ...(flags.stopSignal ? { stopSignal: flags.stopSignal } : {}),
  }
  const named = flags.property?.architecture
  return {
    ...metadata,
    architecture: (named && findArchitecture(named)) || metadata.architecture,
    properties: { ...metadata.properties, ...flags.property },
    run,
  }
}
