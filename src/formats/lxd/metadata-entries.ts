import { bytesFromText } from '../../image/bytes.ts'
import { bodyOf, type Entry, emptyBody, makeHeader } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import { isBareName } from './parse-metadata.ts'
import { renderLxdMetadata } from './render-metadata.ts'

/** The members of a metadata archive: metadata.yaml first, then the templates by name. All times are the image's. */
export function metadataEntries(metadata: ImageMetadata, created: number): readonly Entry[] {
  const mtime = BigInt(created) * 1_000_000_000n
  const file = (path: string, bytes: Buffer): Entry => ({
    ...makeHeader({ path: bytesFromText(path), type: 'file', size: bytes.length, mtime }),
    body: bodyOf(bytes),
  })
  const entries = [file('metadata.yaml', renderLxdMetadata(metadata, created))]
  const names = [...new Set(metadata.templates.map((entry) => entry.template))].sort()
  if (names.length === 0) return entries
  entries.push({ ...makeHeader({ path: 'templates', type: 'directory', mtime }), body: emptyBody })
  return [...entries, ...names.map((name) => file(`templates/${name}`, templateFile(metadata, name)))]
}

function templateFile(metadata: ImageMetadata, name: string): Buffer {
  const bytes = metadata.templateFiles.get(name)
  if (bytes && isBareName(name)) return bytes
  throw new IngotError(
    'bad-input',
    `the template ${JSON.stringify(name)} is named by the image's metadata, but its file is not there`,
  )
}
