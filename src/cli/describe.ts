import type { OpenedImage } from '../formats/pour.ts'
import { ociPlatform, platformText } from '../image/platform.ts'
import { formatBytes } from './text.ts'

/** What `ingot inspect --format json` prints; keys are stable. Times are ISO 8601, sizes bytes. */
export interface ImageDescription {
  readonly source: string
  readonly format: string
  readonly names: readonly string[]
  readonly architecture: string
  readonly platform: string
  readonly created?: string
  readonly expires?: string
  readonly properties: Readonly<Record<string, string>>
  readonly config: Readonly<Record<string, unknown>>
  readonly annotations: Readonly<Record<string, string>>
  readonly templates: readonly {
    readonly target: string
    readonly template: string
    readonly when: readonly string[]
  }[]
  readonly layers: readonly LayerDescription[]
}

interface LayerDescription {
  readonly diffId?: string
  readonly digest?: string
  readonly size?: number
  readonly compression?: string
  readonly createdBy?: string
}

export async function describeImage({ format, image }: OpenedImage): Promise<ImageDescription> {
  const metadata = await image.metadata()
  const filled = metadata.history.filter((entry) => !entry.empty_layer)
  const createdBy = (index: number) => (filled.length === image.layers.length ? filled[index]?.created_by : undefined)
  return {
    source: image.source,
    format: format.name,
    names: image.names,
    architecture: metadata.architecture,
    platform: platformText(ociPlatform(metadata.architecture)),
    ...(metadata.created === undefined ? {} : { created: isoTime(metadata.created) }),
    ...(metadata.expires === undefined ? {} : { expires: isoTime(metadata.expires) }),
    properties: metadata.properties,
    config: { ...metadata.run },
    annotations: metadata.annotations,
    templates: metadata.templates.map(({ target, template, when }) => ({ target, template, when })),
    layers: image.layers.map((layer, index) => {
      const by = createdBy(index)
      return {
        ...(layer.diffId ? { diffId: layer.diffId } : {}),
        ...(layer.blob
          ? { digest: layer.blob.digest, size: layer.blob.size, compression: layer.blob.compression }
          : {}),
        ...(by ? { createdBy: by } : {}),
      }
    }),
  }
}

/** The same for people. */
export function renderDescription(d: ImageDescription): string {
  const lines: string[] = []
  const add = (key: string, value: string | undefined) => {
    if (value) lines.push(`${`${key}:`.padEnd(14)}${value}`)
  }
  add('Source', d.source)
  add('Format', d.format)
  add('Names', d.names.join(', '))
  add('Architecture', `${d.architecture} (${d.platform})`)
  add('Created', d.created)
  add('Expires', d.expires)
  section(lines, 'Properties', Object.entries(d.properties))
  section(
    lines,
    'Config',
    Object.entries(d.config).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)]),
  )
  section(lines, 'Annotations', Object.entries(d.annotations))
  section(
    lines,
    'Templates',
    d.templates.map((t) => [t.target, `${t.template} (${t.when.join(', ')})`]),
  )
  const layers = d.layers.map((layer, index): [string, string] => {
    const size = layer.size === undefined ? '' : `${formatBytes(layer.size)} ${layer.compression}`
    return [
      String(index + 1),
      [layer.digest ?? layer.diffId, size, layer.createdBy].filter(Boolean).join('  ') || 'whole tree',
    ]
  })
  section(lines, 'Layers', layers)
  return `${lines.join('\n')}\n`
}

function section(lines: string[], title: string, entries: readonly (readonly [string, string])[]): void {
  if (entries.length === 0) return
  lines.push(`${title}:`)
  for (const [key, value] of entries) lines.push(`  ${key}: ${value}`)
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
