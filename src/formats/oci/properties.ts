import type { ImageMetadata } from '../../image/metadata.ts'
import { isLxdAnnotation, writeLxdAnnotations } from './lxd-annotations.ts'

/**
 * LXD's properties and OCI's annotations. Three have a well-known annotation (image-spec annotations.md), which may also
 * stand as a label of the configuration; every other property is kept under a key of Ingot's own.
 */
const wellKnown: Readonly<Record<string, string>> = {
  name: 'org.opencontainers.image.title',
  description: 'org.opencontainers.image.description',
  version: 'org.opencontainers.image.version',
}

/** Annotation keys of properties that OCI has no word for: `ingot.property.os`, `ingot.property.release` … */
const propertyPrefix = 'ingot.property.'

type Texts = Readonly<Record<string, string>>

/** The properties that annotations and labels say; annotations win. */
export function readProperties(annotations: Texts, labels: Texts): Record<string, string> {
  const properties: Record<string, string> = {}
  for (const [property, key] of Object.entries(wellKnown)) {
    const value = annotations[key] ?? labels[key]
    if (value !== undefined) properties[property] = value
  }
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(propertyPrefix)) properties[key.slice(propertyPrefix.length)] = value
  }
  return properties
}

/** The annotations to write, sorted by key: the image's own, brought up to date with its other metadata. */
export function writeAnnotations({ annotations, properties, run, ...metadata }: ImageMetadata): Record<string, string> {
  const labels = run.labels ?? {}
  const own = (key: string) => key.startsWith(propertyPrefix) || isLxdAnnotation(key)
  const result = new Map(Object.entries(annotations).filter(([key]) => !own(key)))
  for (const [key, value] of Object.entries(writeLxdAnnotations(metadata))) result.set(key, value)
  for (const [property, value] of Object.entries(properties)) {
    const key = wellKnown[property]
    if (key === undefined) result.set(propertyPrefix + property, value)
    else if ((annotations[key] ?? labels[key]) !== value) result.set(key, value)
  }
  return Object.fromEntries([...result].sort(([a], [b]) => (a < b ? -1 : 1)))
}
