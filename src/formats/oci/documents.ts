import * as z from 'zod'
import { IngotError } from '../../image/error.ts'

/** Most bytes of one manifest, index or config; Docker and containers/image have the same limit. */
export const maxDocumentBytes = 4 * 1024 * 1024

const annotations = z.record(z.string(), z.string()).nullish()

const platform = z.object({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().nullish(),
})

/** image-spec descriptor.md. Digests of unknown algorithms are let through here; only opening one fails. */
const descriptor = z.object({
  mediaType: z.string().min(1),
  digest: z.string().regex(/^[a-z0-9]+([+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/, 'not a digest'),
  size: z.int().nonnegative(),
  urls: z.array(z.string()).nullish(),
  annotations,
  data: z.string().nullish(),
  artifactType: z.string().nullish(),
  platform: platform.nullish(),
})
export type Descriptor = z.infer<typeof descriptor>

/** A field that belongs to the other kind of document: never both in one (CVE-2021-41190). */
function foreign(kind: string) {
  return z.never({ error: `it must not be in an image ${kind}` }).optional()
}

/** image-spec manifest.md; Docker's schema 2 has the same shape. */
export const manifestDocument = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().nullish(),
  artifactType: z.string().nullish(),
  config: descriptor,
  layers: z
    .array(descriptor)
    .nullable()
    .transform((layers) => layers ?? []),
  annotations,
  manifests: foreign('manifest'),
  fsLayers: foreign('manifest'),
})
export type Manifest = z.infer<typeof manifestDocument>

/** image-spec image-index.md; `manifests: null`, which old writers put for an empty one, is read as empty. */
export const indexDocument = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().nullish(),
  manifests: z
    .array(descriptor)
    .nullable()
    .transform((manifests) => manifests ?? []),
  config: foreign('index'),
  layers: foreign('index'),
  fsLayers: foreign('index'),
})

export const layoutDocument = z.object({ imageLayoutVersion: z.string() })

/** Parses and checks a JSON document. Throws 'bad-input' naming `subject` and the place inside. */
export function parseDocument<T>(bytes: Buffer, schema: z.ZodType<T>, subject: string): T {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new IngotError('bad-input', `${subject}: not valid JSON`, { cause })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, code, message, ...issue } = result.error.issues[0]!
  const place = path.length > 0 ? path.join('.') : 'the document'
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], value)
  const wrong =
    found === undefined
      ? 'is missing'
      : code === 'invalid_type' && 'expected' in issue
        ? `is ${found === null ? 'null' : 'of another type'} where ${issue.expected} is expected`
        : `is wrong: ${message}`
  throw new IngotError('bad-input', `${subject}: ${place} ${wrong}`)
}

/** A JSON document as Ingot writes it: compact, keys in the order given, absent fields left out. */
export function formatDocument(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}
