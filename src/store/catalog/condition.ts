import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { propertiesOf } from './rows.ts'

/** What a row of the images table must be, in SQLite's words. */
export interface Condition {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
  /** It looks at nothing of a row but what the index images_listed has (migrations/0004-widths.ts). */
  readonly isListed: boolean
}

export function condition(sql: string, ...values: SQLInputValue[]): Condition {
  return { sql, values, isListed: false }
}

/** One that looks at what lists show only. */
export function listedCondition(sql: string, ...values: SQLInputValue[]): Condition {
  return { sql, values, isListed: true }
}

/** Each row is as it says. */
export const always = listedCondition('TRUE')
/** No row is. */
export const never = listedCondition('FALSE')

export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? always : joined(conditions, ' AND ')
}

export function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? never : joined(conditions, ' OR ')
}

function joined(conditions: readonly Condition[], word: string): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(word),
    values: conditions.flatMap(({ values }) => values),
    isListed: conditions.every(({ isListed }) => isListed),
  }
}

/** Not expired at a time, in seconds since the epoch. */
export function unexpired(now: number): Condition {
  return listedCondition('expires_at IS NULL OR expires_at > ?', now)
}

/** A text is part of an alias or of the fingerprint. */
export function named(text: string): Condition {
  const byAlias = 'id IN (SELECT image_id FROM aliases WHERE instr(name, ?))'
  return listedCondition(`instr(fingerprint, ?) OR ${byAlias}`, text, text)
}

/**
 * Has a property whose name has the parts of `key`, split at dots, as beginnings of its own, and whose value the regular expression
 * matches (flag u). `value`: the only text that it matches, where that is known. It asks for the functions of addFunctions.
 */
export function hasProperty(key: string, expression: string, value?: string): Condition {
  const parts = key.split('.')
  const name = `key GLOB ? AND length(key) - length(replace(key, '.', '')) = ${parts.length - 1}`
  const glob = parts.map((part) => `${part.replace(/[[*?]/g, '[$&]')}*`).join('.')
  const [test, tested] = value === undefined ? ['value REGEXP ?', expression] : ['value = ?', value]
  // SQLite's texts end at a NUL and have no half surrogates: JSON escapes both, and those rows are looked at here.
  const found = condition(
    `CASE instr(properties, '\\u') WHEN 0 THEN EXISTS (SELECT 1 FROM json_each(properties) WHERE ${name} AND ${test})
     ELSE has_property(fingerprint, properties, ?, ?) END`,
    ...[glob, tested, key, expression],
  )
  return value === undefined ? found : allOf([condition('instr(properties, ?)', JSON.stringify(value)), found])
}

/** What conditions need of a connection: `text REGEXP expression` and `has_property`. */
export function addFunctions(database: DatabaseSync): void {
  const expressions = new Map<string, RegExp>()
  function expressionOf(source: string): RegExp {
    let expression = expressions.get(source)
    if (expression === undefined) {
      expression = new RegExp(source, 'u')
      expressions.set(source, expression)
    }
    return expression
  }
  const deterministic = true
  database.function('regexp', { deterministic }, (source, text) =>
    Number(expressionOf(String(source)).test(String(text))),
  )
  database.function('has_property', { deterministic }, (fingerprint, properties, key, source) => {
    const expression = expressionOf(String(source))
    const all = Object.entries(propertiesOf(String(properties), String(fingerprint)))
    return Number(all.some(([name, value]) => isMeant(name, String(key)) && expression.test(value)))
  })
}

function isMeant(name: string, key: string): boolean {
  const own = name.split('.')
  const parts = key.split('.')
  return own.length === parts.length && own.every((part, i) => part.startsWith(parts[i]!))
}
