import { createHash } from 'node:crypto'
import type { ImageAlias, ImageRecord } from '../../src/store/catalog/image-record.ts'

/** 2026-11-21T10:06:12Z. */
export const uploaded = 1795255572

/** An image as the catalog gives it; what is not said is plain. Its fingerprint is made of `seed`. */
export function imageRecord(seed: string, fields: Partial<ImageRecord> = {}): ImageRecord {
  return {
    fingerprint: createHash('sha256').update(seed).digest('hex'),
    format: 'lxd',
    variant: undefined,
    type: 'container',
    architecture: 'x86_64',
    size: 0,
    public: false,
    autoUpdate: false,
    cached: false,
    createdAt: undefined,
    expiresAt: undefined,
    uploadedAt: uploaded,
    lastUsedAt: undefined,
    replacedAt: undefined,
    fileName: '',
    source: undefined,
    properties: {},
    aliases: [],
    ...fields,
  }
}

export function aliases(...names: readonly string[]): ImageAlias[] {
  return names.map((name) => ({ name, description: '' }))
}
