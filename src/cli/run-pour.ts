import type { PourOptions } from '../formats/pour.ts'
import type { Rendition } from '../formats/types.ts'
import type { OutputFlags } from './options.ts'
import { formatBytes, renderTable } from './text.ts'

/** What the flags of an output say, for formats/pour. */
export async function pourOptions(flags: OutputFlags): Promise<PourOptions> {
  const { parseCompression } = await import('../compression/parse.ts')
  return {
    to: flags.to,
    variant: flags.variant,
    compression: flags.compression === undefined ? undefined : parseCompression(flags.compression),
    out: flags.output,
    names: flags.name,
    force: flags.force,
    warn,
  }
}

/** Warnings go to standard error, a line each. */
export function warn(message: string): void {
  process.stderr.write(`warning: ${message}\n`)
}

/** Prints what was written on standard output; nothing where the image itself went there. */
export function printRendition(rendition: Rendition, format: 'table' | 'json'): void {
  if (rendition.files.some((file) => file.path === '-')) return
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(rendition, null, 2)}\n`)
    return
  }
  const rows = rendition.files.map((file) => [file.path, formatBytes(file.size), `sha256:${file.sha256}`])
  if (rows.length > 0) process.stdout.write(renderTable(['FILE', 'SIZE', 'DIGEST'], rows))
  if (rendition.digest) process.stdout.write(`manifest ${rendition.digest}\n`)
  else if (rendition.fingerprint && rendition.files.length > 1)
    process.stdout.write(`fingerprint ${rendition.fingerprint}\n`)
}
