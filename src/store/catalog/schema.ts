import type { Generated } from 'kysely'

// The tables as they are now; migrations/ has how they came to be. Truth values are 0 and 1, times seconds since the epoch.

export interface ImagesTable {
  id: Generated<number>
  fingerprint: string
  format: string
  variant: string | null
  type: string
  architecture: string
  size: number
  public: number
  auto_update: number
  cached: number
  created_at: number | null
  expires_at: number | null
  uploaded_at: number
  last_used_at: number | null
  replaced_at: number | null
  file_name: string
  source_protocol: string | null
  source_server: string | null
  source_alias: string | null
  /** A JSON object of texts. */
  properties: string
  /** The property of that name, '' where there is none. */
  description: string
  /** What the others below are good for (catalog/listing.ts); null: they are not up to date. */
  listed: number | null
  /** What lists show of it, and what they sort it by. */
  listed_alias: string | null
  /** Columns of a terminal. */
  listed_alias_width: number | null
  listed_description_width: number | null
  listed_size: string | null
  listed_date: string | null
  listed_key: Buffer | null
}

export interface AliasesTable {
  name: string
  architecture: string
  type: string
  image_id: number
  description: string
}

export interface RenditionsTable {
  id: Generated<number>
  image_id: number
  /** What makes it this one among an image's renditions: `primary`, or the canonical JSON of format and options. */
  key: string
  format: string
  variant: string | null
  fingerprint: string | null
  made_at: number
  last_used_at: number | null
}

export interface RenditionFilesTable {
  rendition_id: number
  position: number
  /** `file`: one of the rendition's files. `blob`: a blob of an OCI image, the manifest first. */
  kind: string
  /** What follows the stem of its name when it is exported: `.tar.gz`, `.rootfs.squashfs`. */
  suffix: string
  /** Its full name where its format has a convention for that, else ''. */
  name: string
  digest: string
  size: number
}

/** Blobs that may be there without being needed: noted before they are placed, and before they are removed. */
export interface UnsettledBlobsTable {
  digest: string
}

export interface SettingsTable {
  key: string
  value: string
}

export interface CatalogTables {
  images: ImagesTable
  aliases: AliasesTable
  renditions: RenditionsTable
  rendition_files: RenditionFilesTable
  unsettled_blobs: UnsettledBlobsTable
  settings: SettingsTable
}
