import { IngotError, messageOf } from '../../image/error.ts'
import type { Architecture } from '../../image/platform.ts'
import type { ImageRecord, ImageType } from '../../store/catalog/image-record.ts'
import { fieldIs, isBeyondBrief, type Predicate } from './fields.ts'

/** What the list's options ask for; undefined asks for nothing. */
export interface FilterOptions {
  readonly public?: boolean | undefined
  readonly architecture?: Architecture | undefined
  readonly type?: ImageType | undefined
}

/**
 * The images that match all terms and options, in the order given. Terms are those of `lxc image list` (LXD 5):
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
export function filterImages(
  images: readonly ImageRecord[],
  terms: readonly string[],
  options: FilterOptions = {},
): readonly ImageRecord[] {
  const predicates = terms.map(matcher)
  if (options.public !== undefined) predicates.unshift((image) => image.public === options.public)
  if (options.architecture !== undefined) predicates.unshift((image) => image.architecture === options.architecture)
  if (options.type !== undefined) predicates.unshift((image) => image.type === options.type)
  return predicates.reduce((left, predicate) => left.filter(predicate), images)
}

/** Whether brief records are enough for these terms. */
export function areBriefTerms(terms: readonly string[]): boolean {
  return !terms.some((term) => isBeyondBrief(term.slice(0, Math.max(term.indexOf('='), 0))))
}

/** Whether any of the terms may ask for a property. */
export function asksProperties(terms: readonly string[]): boolean {
  return terms.some((term) => term.includes('='))
}

/** What to look for where terms ask for properties and for nothing else. */
export interface PropertySearch {
  readonly matches: (image: Pick<ImageRecord, 'properties'>) => boolean
  /** Values that an image must have to match, whatever the property's name. */
  readonly values: readonly string[]
}

/** Undefined when one of the terms asks for something else. Throws as filterImages. */
export function propertySearch(terms: readonly string[]): PropertySearch | undefined {
  const parts = terms.map(partsOf)
  if (parts.some((part) => part.value === undefined || fieldIs(part.key, part.value))) return undefined
  const predicates = parts.map(({ key, value }, i) => propertyMatches(key, expression(value!, terms[i]!)))
  const values = parts.map(({ value }) => value!).filter((value) => /^[\w-]+$/.test(value))
  return { matches: (image) => predicates.every((matches) => matches(image)), values }
}

function matcher(term: string): Predicate {
  const { key, value } = partsOf(term)
  if (value === undefined)
    return ({ aliases, fingerprint }) => fingerprint.includes(key) || aliases.some(({ name }) => name.includes(key))
  const field = fieldIs(key, value)
  const property = propertyMatches(key, expression(value, term))
  return field ? (image) => field(image) || property(image) : property
}

function partsOf(term: string): { readonly key: string; readonly value: string | undefined } {
  const equals = term.indexOf('=')
  return equals === -1 ? { key: term, value: undefined } : { key: term.slice(0, equals), value: term.slice(equals + 1) }
}

function propertyMatches(key: string, value: RegExp): PropertySearch['matches'] {
  const parts = key.split('.')
  // Images share the names of their properties: each is looked at once.
  const known = new Map<string, boolean>()
  function isMeant(name: string): boolean {
    let meant = known.get(name)
    if (meant === undefined) {
      const own = name.split('.')
      meant = own.length === parts.length && own.every((part, i) => part.startsWith(parts[i]!))
      known.set(name, meant)
    }
    return meant
  }
  return ({ properties }) => {
    for (const name in properties) if (isMeant(name) && value.test(properties[name]!)) return true
    return false
  }
}

function expression(value: string, term: string): RegExp {
  const [, mode, source] = /^(\(\?i\))?(.*)$/s.exec(value)!
  try {
    // By itself first: what is bad only for its brackets' sake must not be mended by ours.
    new RegExp(source!, 'u')
    return new RegExp(/[\^$]/.test(source!) ? source! : `^(?:${source})$`, mode ? 'iu' : 'u')
  } catch (error) {
    const why = messageOf(error).replace(/^Invalid regular expression: /, '')
    throw new IngotError('usage', `filter ${JSON.stringify(term)}: not a regular expression: ${why}`, {
      cause: error,
      hint: 'Put a backslash before a character that stands for itself, as in version=1\\.0\\+x.',
    })
  }
}
