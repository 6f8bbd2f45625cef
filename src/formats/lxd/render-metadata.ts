import { stringify } from 'yaml'
import { compareBytes } from '../../image/bytes.ts'
import type { ImageMetadata, LxdTemplate } from '../../image/metadata.ts'
import { debianArchitecture } from '../../image/platform.ts'

/** The metadata.yaml of an image. The same metadata gives the same bytes: properties and templates are sorted. */
export function renderLxdMetadata(metadata: ImageMetadata, created: number): Buffer {
  const document = {
    architecture: metadata.architecture,
    creation_date: created,
    ...(metadata.expires ? { expiry_date: metadata.expires } : {}),
    properties: sorted(lxdProperties(metadata)),
    ...(metadata.templates.length === 0 ? {} : { templates: renderTemplates(metadata.templates) }),
  }
  // All text in quotes: LXD's parser would take more of it than YAML 1.2 for something else.
  return Buffer.from(stringify(document, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 }))
}

/**
 * When the image was made, which LXD demands (0 is missing to it): its own date, else the newest of its history, else
 * undefined.
 */
export function creationDate(metadata: ImageMetadata): number | undefined {
  if (metadata.created !== undefined && metadata.created >= 1) return Math.trunc(metadata.created)
  const dates = metadata.history.map((entry) => Math.floor(Date.parse(entry.created ?? '') / 1000))
  const newest = Math.max(0, ...dates.filter(Number.isFinite))
  return newest >= 1 ? newest : undefined
}

/** The image's properties, and those that simplestreams servers ask for besides where they can be told. */
function lxdProperties({ properties, architecture }: ImageMetadata): Record<string, string> {
  const { os, release } = properties
  const arch = properties.architecture ?? debianArchitecture(architecture)
  const description = [os, release, arch].filter(Boolean).join(' ')
  return { architecture: arch, description, variant: 'default', ...properties }
}

function renderTemplates(templates: readonly LxdTemplate[]): Record<string, unknown> {
  const rendered = templates.map((entry) => [
    entry.target,
    {
      when: entry.when,
      ...(entry.createOnly === undefined ? {} : { create_only: entry.createOnly }),
      template: entry.template,
      ...(entry.properties ? { properties: sorted(entry.properties) } : {}),
      ...(entry.uid === undefined ? {} : { uid: entry.uid }),
      ...(entry.gid === undefined ? {} : { gid: entry.gid }),
      ...(entry.mode === undefined ? {} : { mode: entry.mode }),
    },
  ])
  return sorted(Object.fromEntries(rendered))
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareBytes(a, b)))
}
