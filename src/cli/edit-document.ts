import { isMap, isScalar, LineCounter, parseDocument, stringify } from 'yaml'
import { IngotError } from '../image/error.ts'
import type { ImageRecord } from '../store/catalog/image-record.ts'
import type { ImageChanges } from '../store/changes.ts'

const intro = `# What can be changed of this image; lines that begin with # are left out.
#
# public:      true lets anybody read it
# auto_update: true keeps it up to date where it came from
# expires_at:  when it expires (2026-12-31, or a time in ISO 8601); never: no such time
# properties:  texts by name: os, release, variant, description, serial … or your own
`

/** The document that `ingot image edit` opens. What cannot be changed stands in comments. */
export function editDocument(record: ImageRecord): string {
  const fixed = {
    fingerprint: record.fingerprint,
    architecture: record.architecture,
    type: record.type,
    format: record.format,
  }
  const comments = Object.entries(fixed).map(([key, value]) => `# ${key}: ${value}\n`)
  return `${intro}#\n# It cannot be changed what it is:\n#\n${comments.join('').replace(/^# /gm, '#   ')}\n${stringify(editable(record))}`
}

function editable(record: ImageRecord) {
  return {
    public: record.public,
    auto_update: record.autoUpdate,
    expires_at: record.expiresAt === undefined ? 'never' : isoTime(record.expiresAt),
    properties: record.properties,
  }
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '')
}

/** What an edited document says. Throws 'bad-input' naming the line, for immutable fields and for what does not fit. */
export function parseEdited(text: string): ImageChanges {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe' })
  const fail = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    return new IngotError('bad-input', `line ${line}, column ${col}: ${message}`)
  }
  const [error] = document.errors
  if (error) throw fail(error.pos[0], error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''))
  if (!isMap(document.contents))
    throw new IngotError('bad-input', 'line 1, column 1: public, auto_update, expires_at and properties are missing')
  let changes: ImageChanges = {}
  for (const { key, value } of document.contents.items) {
    const at = isScalar(key) ? key.range![0] : 0
    const name = isScalar(key) ? String(key.value) : ''
    if (name === 'properties') {
      changes = { ...changes, properties: texts(value, at, fail) }
      continue
    }
    const parse = fields[name]
    if (!parse)
      throw fail(at, immutable.has(name) ? `${name} cannot be changed` : `there is no field ${JSON.stringify(name)}`)
    if (!isScalar(value)) throw fail(at, `${name} takes one value`)
    const parsed = parse(String(value.value))
    if (parsed === undefined)
      throw fail(value.range![0], `${JSON.stringify(value.value)} is nothing that ${name} can be`)
    changes = { ...changes, ...parsed }
  }
  return changes
}

/**
 * What was changed of a document that showed `record`: what was not is left as it is by then, since an editor is open for long.
 * `properties`: those that were set, and those that were taken away (undefined).
 */
export function changedSince(record: ImageRecord, edited: ImageChanges): Changed {
  const properties: Record<string, string | undefined> = Object.create(null)
  if (edited.properties) {
    for (const key of Object.keys(record.properties))
      if (!Object.hasOwn(edited.properties, key)) properties[key] = undefined
    for (const [key, value] of Object.entries(edited.properties)) {
      if (!Object.hasOwn(record.properties, key) || record.properties[key] !== value) properties[key] = value
    }
  }
  return {
    ...(edited.public === undefined || edited.public === record.public ? {} : { public: edited.public }),
    ...(edited.autoUpdate === undefined || edited.autoUpdate === record.autoUpdate
      ? {}
      : { autoUpdate: edited.autoUpdate }),
    ...(edited.expiresAt === undefined || edited.expiresAt === (record.expiresAt ?? null)
      ? {}
      : { expiresAt: edited.expiresAt }),
    properties,
  }
}

export interface Changed extends Omit<ImageChanges, 'properties'> {
  readonly properties: Readonly<Record<string, string | undefined>>
}

const fields: Readonly<Record<string, (text: string) => ImageChanges | undefined>> = {
  public: (text) => truth(text, (value) => ({ public: value })),
  auto_update: (text) => truth(text, (value) => ({ autoUpdate: value })),
  expires_at(text) {
    if (text === 'never' || text === '') return { expiresAt: null }
    const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
    return Number.isNaN(time) ? undefined : { expiresAt: Math.floor(time / 1000) }
  },
}

const immutable = new Set(
  'fingerprint architecture type format size created_at uploaded_at last_used_at filename aliases cached source update_source profiles'.split(
    ' ',
  ),
)

function truth(text: string, change: (value: boolean) => ImageChanges): ImageChanges | undefined {
  return text === 'true' ? change(true) : text === 'false' ? change(false) : undefined
}

function texts(
  node: unknown,
  at: number,
  fail: (offset: number, message: string) => IngotError,
): Record<string, string> {
  if (node === null || (isScalar(node) && !node.value)) return {}
  if (!isMap(node)) throw fail(at, 'properties are names with texts')
  const found: Record<string, string> = Object.create(null)
  for (const { key, value } of node.items) {
    if (!isScalar(key) || !isScalar(value)) throw fail(isScalar(key) ? key.range![0] : at, 'a property is one text')
    found[String(key.value)] = value.value === null ? '' : String(value.value)
  }
  return { ...found }
}
