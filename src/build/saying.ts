import type { ImageMetadata } from '../image/metadata.ts'
import type { BaseResult } from './bases/types.ts'

/** What a base says besides its files. */
export type BaseSaying = BaseResult

/** As what JSON can hold. */
export function writeSaying({ epoch, metadata }: BaseSaying): unknown {
  if (metadata === undefined) return { epoch }
  const templateFiles = [...metadata.templateFiles].map(([name, content]) => [name, content.toString('base64')])
  return { epoch, metadata: { ...metadata, templateFiles } }
}

/** And back: what was written by this version, in a layer that is whole. */
export function readSaying(written: unknown): BaseSaying {
  const { epoch, metadata } = written as {
    epoch: number
    metadata?: Omit<ImageMetadata, 'templateFiles'> & { templateFiles: readonly (readonly [string, string])[] }
  }
  if (metadata === undefined) return { epoch }
  const templateFiles = new Map(metadata.templateFiles.map(([name, text]) => [name, Buffer.from(text, 'base64')]))
  return { epoch, metadata: { ...metadata, templateFiles } }
}
