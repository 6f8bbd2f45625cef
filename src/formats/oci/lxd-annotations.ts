import * as z from 'zod'
import { IngotError, messageOf } from '../../image/error.ts'
import type { ImageMetadata, LxdTemplate } from '../../image/metadata.ts'

// What LXD images say and OCI has no word for, in annotations of Ingot's own: so that an image that goes through OCI comes out whole.

const templatesKey = 'ingot.lxd.templates'
const expiresKey = 'ingot.expires'
/** Manifests may have 4 MiB in all; other tools pass annotations on without looking at them. */
const mostBytes = 1024 * 1024

const document = z.object({
  templates: z.array(
    z.object({
      target: z.string().min(1),
      when: z.array(z.string()),
      template: z.string().min(1),
      createOnly: z.boolean().optional(),
      properties: z.record(z.string(), z.string()).optional(),
      uid: z.string().optional(),
      gid: z.string().optional(),
      mode: z.string().optional(),
    }),
  ),
  files: z.record(z.string(), z.base64()),
})

type Said = Pick<ImageMetadata, 'templates' | 'templateFiles' | 'expires'>
type Texts = Readonly<Record<string, string>>

/** Whether an annotation is one of these: they are always made anew. */
export function isLxdAnnotation(key: string): boolean {
  return key === templatesKey || key === expiresKey
}

/** The annotations for an image's templates and expiry; templates beyond 1 MiB have none. */
export function writeLxdAnnotations({ templates, templateFiles, expires }: Said): Record<string, string> {
  const result: Record<string, string> = {}
  if (expires !== undefined) result[expiresKey] = String(expires)
  if (templates.length === 0) return result
  const files = [...templateFiles].sort(([a], [b]) => (a < b ? -1 : 1))
  const encoded = Object.fromEntries(files.map(([name, bytes]) => [name, bytes.toString('base64')]))
  const text = JSON.stringify({ templates, files: encoded })
  if (text.length <= mostBytes) result[templatesKey] = text
  return result
}

/** Whether an image has templates that have no annotation. */
export function losesTemplates(said: Said): boolean {
  return said.templates.length > 0 && writeLxdAnnotations(said)[templatesKey] === undefined
}

/** What the annotations say. Throws 'bad-input' for what could not have been written so. */
export function readLxdAnnotations(
  annotations: Texts,
  subject: string,
): Pick<ImageMetadata, 'templates' | 'templateFiles'> & { readonly expires?: number } {
  const expires = annotations[expiresKey]
  if (expires !== undefined && !/^-?\d{1,15}$/.test(expires)) {
    throw new IngotError('bad-input', `${subject}: the annotation ${expiresKey} is no number of seconds`)
  }
  const said = expires === undefined ? {} : { expires: Number(expires) }
  const text = annotations[templatesKey]
  if (text === undefined) return { templates: [], templateFiles: new Map(), ...said }
  const parsed = document.safeParse(parseJson(text, subject))
  if (!parsed.success) {
    throw new IngotError(
      'bad-input',
      `${subject}: the annotation ${templatesKey} is damaged: ${z.prettifyError(parsed.error)}`,
    )
  }
  const { templates, files } = parsed.data
  const templateFiles = new Map(Object.entries(files).map(([name, base64]) => [name, Buffer.from(base64, 'base64')]))
  return { templates: templates as readonly LxdTemplate[], templateFiles, ...said }
}

function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new IngotError('bad-input', `${subject}: the annotation ${templatesKey} is no JSON (${messageOf(error)})`)
  }
}
