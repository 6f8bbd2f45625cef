import type { z } from 'zod'
import type { DocumentPath } from './document.ts'

type Issue = z.core.$ZodIssue

/** One thing that is wrong with a recipe. */
export interface Problem {
  readonly path: DocumentPath
  /** The key itself is wrong, not its value. */
  readonly atKey?: boolean
  readonly message: string
}

/** `steps[1].run`, `steps[1]["./feature"]` */
export function formatPath(path: DocumentPath): string {
  return path.map((part, index) => formatPart(part, index === 0)).join('')
}

function formatPart(part: string | number, isFirst: boolean): string {
  if (typeof part === 'number') return `[${part}]`
  if (part.startsWith('.')) return `[${JSON.stringify(part)}]`
  return isFirst ? part : `.${part}`
}

/** Puts what zod found into words; `value` is the whole document's value. */
export function problemsOf(issues: readonly Issue[], value: unknown): readonly Problem[] {
  return issues.flatMap((issue) => describe(issue, [], value))
}

function describe(issue: Issue, prefix: DocumentPath, value: unknown): readonly Problem[] {
  const path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  const found = valueAt(value, path)
  switch (issue.code) {
    case 'unrecognized_keys': {
      const messages = issue.message.split('\n') // one for each key: see fields.ts, strictMap
      return issue.keys.map((key, index) => ({ path: [...path, key], atKey: true, message: messages[index] ?? '' }))
    }
    case 'invalid_union':
      return describeUnion(issue, path, value)
    case 'invalid_type': {
      const expected = typeWord(issue.expected)
      if (found === undefined && path.length > 0) {
        return [{ path, message: missing(expected) }]
      }
      return [{ path, message: `expected ${expected}, found ${foundWord(found)}${quoteHint(issue.expected, found)}` }]
    }
    default:
      return [{ path, message: issue.message }]
  }
}

/** Of a value that may have several forms, the problems of the form that it comes nearest to. */
function describeUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: DocumentPath,
  value: unknown,
): readonly Problem[] {
  const found = valueAt(value, path)
  const otherTypes = (branch: readonly Issue[]) => branch.flatMap((inner) => otherType(inner, found))
  const near = issue.errors.filter((branch) => otherTypes(branch).length === 0)
  if (near.length > 0) {
    const described = near.map((branch) => branch.flatMap((inner) => describe(inner, path, value)))
    return described.reduce((best, other) => (other.length < best.length ? other : best))
  }
  const expected = issue.errors.flatMap(otherTypes)
  const words = [...new Set(expected.map(typeWord))].join(' or ')
  if (found === undefined) return [{ path, message: missing(words) }]
  const hint = expected.map((type) => quoteHint(type, found)).find((text) => text !== '') ?? ''
  return [{ path, message: `expected ${words}, found ${foundWord(found)}${hint}` }]
}

/** The type that a form of a value is of, where this issue is that the value is of another; a word of a list is a text. */
function otherType(issue: Issue, found: unknown): readonly string[] {
  if (issue.path.length > 0) return []
  if (issue.code === 'invalid_type') return [issue.expected]
  if (issue.code !== 'invalid_value') return []
  const type = typeof issue.values[0]
  return type === typeof found ? [] : [type]
}

function missing(expected: string): string {
  return `this key is missing: expected ${expected}`
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  let at = value
  for (const part of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined
  return at
}

function typeWord(type: string): string {
  const words: Record<string, string> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
  }
  return words[type] ?? type
}

function foundWord(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`
  if (typeof value === 'boolean') return String(value)
  return `the number ${String(value)}`
}

function quoteHint(expected: string, found: unknown): string {
  return expected === 'string' && (typeof found === 'number' || typeof found === 'boolean') ? '; put it in quotes' : ''
}
