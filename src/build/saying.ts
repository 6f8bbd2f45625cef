import type { ImageMetadata } from '../image/metadata.ts'
import type { BaseResult } from './bases/types.ts'

/** What a base says besides its files. */
export type BaseSaying = BaseResult

/** As what JSON can hold. */
export function writeSaying({ metadata, ...plain }: BaseSaying): unknown {
  if (metadata === undefined) return plain
  const templateFiles = [...metadata.templateFiles].map(([name, content]) => [name, content.toString('base64')])
  return { ...plain, metadata: { ...metadata, templateFiles } }
}

/** And back: what was written by this version, in a layer that is whole. */
export function readSaying(written: unknown): BaseSaying {
  const { metadata, ...plain } = written as Omit<BaseSaying, 'metadata'> & {
    metadata?: Omit<ImageMetadata, 'templateFiles'> & { templateFiles: readonly (readonly [string, string])[] }
  }
  if (metadata === undefined) return plain
  const templateFiles = new Map(metadata.templateFiles.map(([name, text]) => [name, Buffer.from(text, 'base64')]))
  return { ...plain, metadata: { ...metadata, templateFiles } }
}
