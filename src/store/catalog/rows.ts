import { IngotError, messageOf } from '../../image/error.ts'
import { type Architecture, findArchitecture } from '../../image/platform.ts'
import type { ImageAlias, ImageRecord, ImageType } from './image-record.ts'
import type { ImagesTable } from './schema.ts'

/** A row of the images table as it is read. */
export type ImageRow = Omit<ImagesTable, 'id' | `listed${string}`> & { readonly id: number }

/** The columns that a record is made of, in the order of ImageValues. */
export const imageColumns = [
  'fingerprint',
  'format',
  'variant',
  'type',
  'architecture',
  'size',
  'public',
  'auto_update',
  'cached',
  'created_at',
  'expires_at',
  'uploaded_at',
  'last_used_at',
  'replaced_at',
  'file_name',
  'source_protocol',
  'source_server',
  'source_alias',
  'properties',
] as const satisfies readonly (keyof ImageRow)[]

/** The values of such columns. */
export type ValuesOf<Columns extends readonly (keyof ImageRow)[]> = {
  readonly [I in keyof Columns]: Columns[I] extends keyof ImageRow ? ImageRow[Columns[I]] : never
}
export type ImageValues = ValuesOf<typeof imageColumns>

/** What a row says. Throws 'corrupt' for one that cannot be. */
export function recordOf(row: ImageRow, aliases: readonly ImageAlias[]): ImageRecord {
  return recordOfValues(imageColumns.map((column) => row[column]) as unknown as ImageValues, aliases)
}

/** The same for a row's values alone. */
export function recordOfValues(values: ImageValues, aliases: readonly ImageAlias[]): ImageRecord {
  const fingerprint = fingerprintOf(values[0])
  const protocol = values[15]
  return {
    fingerprint,
    format: values[1],
    variant: values[2] ?? undefined,
    type: typeOf(values[3], fingerprint),
    architecture: architectureOf(values[4], fingerprint),
    size: values[5],
    public: values[6] !== 0,
    autoUpdate: values[7] !== 0,
    cached: values[8] !== 0,
    createdAt: values[9] ?? undefined,
    expiresAt: values[10] ?? undefined,
    uploadedAt: values[11],
    lastUsedAt: values[12] ?? undefined,
    replacedAt: values[13] ?? undefined,
    fileName: values[14],
    source: protocol === null ? undefined : { protocol, server: values[16] ?? '', alias: values[17] ?? '' },
    properties: propertiesOf(values[18], fingerprint),
    aliases,
  }
}

/** Throws 'corrupt' for what is none, as do the others here for what they give. */
export function fingerprintOf(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text
  throw damaged(text, 'that is no fingerprint')
}

export function typeOf(text: string, fingerprint: string): ImageType {
  if (text === 'container' || text === 'virtual-machine') return text
  throw damaged(fingerprint, `${JSON.stringify(text)} is no type of image`)
}

export function architectureOf(text: string, fingerprint: string): Architecture {
  const found = findArchitecture(text)
  if (found) return found
  throw damaged(fingerprint, `architecture ${JSON.stringify(text)} is not known`)
}

export function propertiesOf(text: string, fingerprint: string): Readonly<Record<string, string>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw damaged(fingerprint, `its properties are damaged (${messageOf(error)})`)
  }
  if (isTexts(parsed)) return parsed
  throw damaged(fingerprint, 'its properties are damaged')
}

/** The columns that say an image's properties. */
export function propertyColumns(
  properties: Readonly<Record<string, string>>,
): Pick<ImageRow, 'properties' | 'description'> {
  return { properties: JSON.stringify(properties), description: properties.description ?? '' }
}

function damaged(fingerprint: string, what: string): IngotError {
  return new IngotError('corrupt', `the catalog's image ${fingerprint}: ${what}`)
}

function isTexts(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null) return false
  for (const key in value) if (typeof (value as Record<string, unknown>)[key] !== 'string') return false
  return true
}
