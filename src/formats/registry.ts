import { IngotError } from '../image/error.ts'
import { dirFormat } from './dir/index.ts'
import { dockerFormat } from './docker/index.ts'
import { lxdFormat } from './lxd/index.ts'
import { ociArchiveFormat, ociFormat } from './oci/index.ts'
import { proxmoxFormat } from './proxmox/index.ts'
import { rootfsFormat } from './rootfs/index.ts'
import type { Format, ImageInput } from './types.ts'

/** Every format, in the order in which a bare path is tried: the most particular content first. */
export const formats: ReadonlyMap<string, Format> = new Map(
  [ociFormat, dockerFormat, ociArchiveFormat, lxdFormat, proxmoxFormat, rootfsFormat, dirFormat].map((f) => [
    f.name,
    f,
  ]),
)

/** The format of a name. Throws 'usage' listing the known ones. */
export function formatNamed(name: string): Format {
  const format = formats.get(name)
  if (format) return format
  throw new IngotError('usage', `there is no format ${JSON.stringify(name)}`, {
    hint: `Formats: ${[...formats.keys()].join(', ')}.`,
  })
}

/** The format of some content. Throws 'bad-input' when none knows it. */
export async function detectFormat(input: ImageInput): Promise<Format> {
  for (const format of formats.values()) if (await format.detect(input)) return format
  throw new IngotError('bad-input', `${input.display}: this is no image that Ingot knows`, {
    hint: `It reads ${[...formats.keys()].join(', ')}.`,
  })
}
