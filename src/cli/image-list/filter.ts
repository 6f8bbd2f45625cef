import { IngotError, messageOf } from '../../image/error.ts'
import type { Architecture } from '../../image/platform.ts'
import { allOf, anyOf, type Condition, hasProperty, listedCondition, named } from '../../store/catalog/condition.ts'
import type { ImageType } from '../../store/catalog/image-record.ts'
import { fieldIs } from './fields.ts'

/** What the list's options ask for; undefined asks for nothing. */
export interface FilterOptions {
  readonly public?: boolean | undefined
  readonly architecture?: Architecture | undefined
  readonly type?: ImageType | undefined
}

/**
 * What images are that match all terms and options. Terms are those of `lxc image list` (LXD 5):
 * - a word: part of an alias or of the fingerprint;
 * - `key=value`: a property whose name has the parts of the key, split at dots, as beginnings of its own (`o` is `os`,
 *   `r.sec` is `requirements.secureboot`), and whose whole value the regular expression `value` matches; one with ^ or $
 *   in it says itself where it is bound, and one that begins with (?i) takes capital for small letters;
 * - or a field of that full name, see fieldIs.
 *
 * The expressions are JavaScript's and run on this machine unbounded: they are for whoever may use it, not for guests.
 *
 * @throws IngotError 'usage' naming a regular expression that is none
 */
export function matching(terms: readonly string[], options: FilterOptions = {}): Condition {
  const conditions: Condition[] = []
  if (options.public !== undefined) conditions.push(listedCondition(options.public ? 'public' : 'NOT public'))
  if (options.architecture !== undefined) conditions.push(listedCondition('architecture = ?', options.architecture))
  if (options.type !== undefined) conditions.push(listedCondition('type = ?', options.type))
  return allOf([...conditions, ...terms.map(matchingTerm)])
}

function matchingTerm(term: string): Condition {
  const equals = term.indexOf('=')
  if (equals === -1) return named(term)
  const key = term.slice(0, equals)
  const value = term.slice(equals + 1)
  const isPlain = /^[\w-]+$/.test(value)
  const property = hasProperty(key, expression(value, term), isPlain ? value : undefined)
  const field = fieldIs(key, value)
  return field ? anyOf([field, property]) : property
}

function expression(value: string, term: string): string {
  const [, mode, source] = /^(\(\?i\))?(.*)$/s.exec(value)!
  try {
    // By itself first: what is bad only for its brackets' sake must not be mended by ours.
    new RegExp(source!, 'u')
    const bound = /[\^$]/.test(source!) ? source! : `^(?:${source})$`
    return mode ? `(?i:${bound})` : bound
  } catch (error) {
    const why = messageOf(error).replace(/^Invalid regular expression: /, '')
    throw new IngotError('usage', `filter ${JSON.stringify(term)}: not a regular expression: ${why}`, {
      cause: error,
      hint: 'Put a backslash before a character that stands for itself, as in version=1\\.0\\+x.',
    })
  }
}
