import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import { IngotError, messageOf } from '../../image/error.ts'

/**
 * A careful reader of an untrusted YAML (or JSON) document. Values are looked at one by one with their type expected, so
 * neither unknown keys nor aliases that multiply themselves cost anything. Errors are 'bad-input' naming file, line and
 * path in the document.
 */
export interface YamlReader {
  /** The members of a map by key, in order. `where` is its path, for messages. Absent or null: none. */
  members(node: unknown, where: string): ReadonlyMap<string, unknown>
  items(node: unknown, where: string): readonly unknown[]
  /** A scalar as it was written (`5`, `true`, `2024-01-01`); null and absent are ''. */
  text(node: unknown, where: string): string
  /** Undefined for absent and null. A quoted number is an error, as in LXD. */
  integer(node: unknown, where: string): number | undefined
  boolean(node: unknown, where: string): boolean | undefined
  fail(node: unknown, message: string, hint?: string): IngotError
}

export function readYaml(bytes: Buffer, subject: string): { readonly root: unknown; readonly reader: YamlReader } {
  const lines = new LineCounter()
  const { document, targets } = parse(bytes, subject, lines)

  function fail(node: unknown, message: string, hint?: string): IngotError {
    const range = isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined
    const at = range ? lines.linePos(range[0]) : undefined
    return new IngotError(
      'bad-input',
      `${subject}${at ? `:${at.line}:${at.col}` : ''}: ${message}`,
      hint ? { hint } : {},
    )
  }

  function resolve(node: unknown): unknown {
    if (!isAlias(node)) return node
    const target = targets.get(node)
    if (!target) throw fail(node, `the alias *${node.source} has no anchor before it`)
    return target
  }

  function isNull(node: unknown): boolean {
    if (node === undefined || node === null) return true
    return isScalar(node) && node.type === 'PLAIN' && /^(~|null|Null|NULL|)$/.test(String(node.value ?? ''))
  }

  function scalar(given: unknown, where: string, expected: string): { value: string; plain: boolean } | undefined {
    const node = resolve(given)
    if (isNull(node)) return undefined
    if (!isScalar(node)) throw fail(given, `${where} is not ${expected}`)
    return { value: String(node.value), plain: node.type === 'PLAIN' }
  }

  const reader: YamlReader = {
    members(given, where) {
      const node = resolve(given)
      if (isNull(node)) return new Map()
      if (!isMap(node)) throw fail(given, `${where} is not a map`)
      const members = new Map<string, unknown>()
      for (const pair of node.items) {
        const key = reader.text(pair.key, `a key of ${where}`)
        if (members.has(key)) throw fail(pair.key, `${where} has the key ${key} twice`)
        members.set(key, pair.value)
      }
      return members
    },
    items(given, where) {
      const node = resolve(given)
      if (isNull(node)) return []
      if (!isSeq(node)) throw fail(given, `${where} is not a list`)
      return node.items
    },
    text: (node, where) => scalar(node, where, 'text')?.value ?? '',
    integer(node, where) {
      const found = scalar(node, where, 'a number')
      if (!found) return undefined
      const digits = found.value.replaceAll('_', '')
      const number = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(digits) ? Math.trunc(Number(digits)) : Number.NaN
      if (!Number.isSafeInteger(number)) throw fail(node, `${where} is not a number of seconds`)
      if (!found.plain) throw fail(node, `${where} is text, not a number`, 'Write it without quotes.')
      return number
    },
    boolean(node, where) {
      const found = scalar(node, where, 'true or false')
      if (!found) return undefined
      if (/^(true|yes|on|y)$/i.test(found.value)) return true
      if (/^(false|no|off|n)$/i.test(found.value)) return false
      throw fail(node, `${where} is neither true nor false`)
    },
    fail,
  }
  return { root: document.contents, reader }
}

interface Parsed {
  readonly document: Document
  /** What each alias stands for: found in one walk, as looking each up on its own would take a walk each. */
  readonly targets: ReadonlyMap<Alias, Node>
}

function parse(bytes: Buffer, subject: string, lineCounter: LineCounter): Parsed {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // In the failsafe schema every scalar is the text that was written.
    // The two checks that are off take time by the square of the document's size; what they do is done here.
    const checks = { uniqueKeys: false, prettyErrors: false } as const
    const document = parseDocument(text, { schema: 'failsafe', lineCounter, logLevel: 'silent', ...checks })
    const [error] = document.errors
    if (error) {
      const { line, col } = lineCounter.linePos(error.pos[0])
      throw new IngotError('bad-input', `${subject}:${line}:${col}: cannot be read as YAML: ${error.message}`, {
        cause: error,
      })
    }
    return { document, targets: aliasTargets(document) }
  } catch (error) {
    if (error instanceof IngotError) throw error
    // Not UTF-8, or nested deeper than the parser's stack.
    throw new IngotError('bad-input', `${subject}: cannot be read as YAML: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function aliasTargets(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  visit(document, {
    Alias(_, alias) {
      const target = anchors.get(alias.source)
      if (target) targets.set(alias, target)
    },
    Value(_, node) {
      if (node.anchor) anchors.set(node.anchor, node)
    },
  })
  return targets
}
