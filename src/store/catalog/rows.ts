import { IngotError, messageOf } from '../../image/error.ts'
import { parseArchitecture } from '../../image/platform.ts'
import type { ImageAlias, ImageRecord, ImageType } from './image-record.ts'
import type { ImagesTable } from './schema.ts'

/** A row of the images table as it is read. */
export type ImageRow = Omit<ImagesTable, 'id'> & { readonly id: number }

/** What a row says. Throws 'corrupt' for one that cannot be. */
export function recordOf(row: ImageRow, aliases: readonly ImageAlias[]): ImageRecord {
  const subject = `the catalog's image ${row.fingerprint}`
  if (!/^[0-9a-f]{64}$/.test(row.fingerprint)) throw new IngotError('corrupt', `${subject}: that is no fingerprint`)
  const source =
    row.source_protocol === null
      ? undefined
      : { protocol: row.source_protocol, server: row.source_server ?? '', alias: row.source_alias ?? '' }
  return {
    fingerprint: row.fingerprint,
    format: row.format,
    variant: row.variant ?? undefined,
    type: typeOf(row.type, subject),
    architecture: parseArchitecture(row.architecture, subject),
    size: row.size,
    public: row.public !== 0,
    autoUpdate: row.auto_update !== 0,
    cached: row.cached !== 0,
    createdAt: row.created_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    uploadedAt: row.uploaded_at,
    lastUsedAt: row.last_used_at ?? undefined,
    replacedAt: row.replaced_at ?? undefined,
    fileName: row.file_name,
    source,
    properties: propertiesOf(row.properties, subject),
    aliases,
  }
}

function typeOf(text: string, subject: string): ImageType {
  if (text === 'container' || text === 'virtual-machine') return text
  throw new IngotError('corrupt', `${subject}: ${JSON.stringify(text)} is no type of image`)
}

function propertiesOf(text: string, subject: string): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && Object.values(parsed).every((v) => typeof v === 'string')) {
      return parsed as Record<string, string>
    }
  } catch (error) {
    throw new IngotError('corrupt', `${subject}: its properties are damaged (${messageOf(error)})`)
  }
  throw new IngotError('corrupt', `${subject}: its properties are damaged`)
}
