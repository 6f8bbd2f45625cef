import { IngotError, messageOf } from '../image/error.ts'
import { didYouMean } from '../image/suggest.ts'

/** What a variable may stand for. */
export type Value = string | number | boolean | readonly string[]

export type Variables = Readonly<Record<string, Value>>

const marked = String.raw`\$\{\{((?:[^}']|'[^']{0,200}'){0,200})\}\}`
const whole = new RegExp(`^${marked}$`)
/** An opening that is not closed is found as well. */
const inText = new RegExp(String.raw`${marked}|\$\{\{.{0,20}`, 'g')

/**
 * A text with its `${{ … }}` replaced. One that is nothing but an expression becomes what that stands for, be it a list; inside of text a list
 * is its items with blanks between them. `${{ '${{' }}` is the mark itself. Throws 'usage'.
 */
export function expand(text: string, variables: Variables): Value {
  const only = whole.exec(text)
  if (only) return evaluate(only[1]!, variables)
  return text.replace(inText, (all, expression: string | undefined) => {
    if (expression === undefined) throw new IngotError('usage', `${all} … is no expression: it is not closed by }}`)
    return toText(evaluate(expression, variables))
  })
}

/** As expand, for what is a text in any case: several lines, each with its number in errors. */
export function expandText(text: string, variables: Variables): string {
  const lines = text.split('\n').map((line, index) => {
    try {
      return toText(expand(line, variables))
    } catch (error) {
      throw new IngotError('usage', `line ${index + 1}: ${messageOf(error)}`, { cause: error })
    }
  })
  return lines.join('\n')
}

/** Whether a condition holds: what is empty, 0 or false does not. Throws 'usage'. */
export function holds(value: Value): boolean {
  return typeof value === 'object' ? value.length > 0 : value !== '' && value !== 0 && value !== false
}

function toText(value: Value): string {
  return typeof value === 'object' ? value.join(' ') : String(value)
}

const operand = String.raw`('[^']*'|-?\d+(?:\.\d+)?|[A-Za-z_][\w-]*)`
const form = new RegExp(String.raw`^\s*(?:(!)\s*)?${operand}\s*(?:(==|!=)\s*${operand}\s*)?$`)

/** `name`, `!name`, `name == 'text'`, `name != 'text'` */
function evaluate(expression: string, variables: Variables): Value {
  const match = form.exec(expression)
  if (!match || (match[1] && match[3]))
    throw new IngotError(
      'usage',
      `\${{${expression}}} is no expression; expected name, !name, name == 'text' or name != 'text'`,
    )
  const [, not, left = '', comparison, right = ''] = match
  const value = meaningOf(left, variables)
  if (not) return !holds(value)
  if (comparison === undefined) return value
  return (toText(value) === toText(meaningOf(right, variables))) === (comparison === '==')
}

function meaningOf(word: string, variables: Variables): Value {
  if (word.startsWith("'")) return word.slice(1, -1)
  if (/^-?\d/.test(word)) return Number(word)
  if (word === 'true' || word === 'false') return word === 'true'
  if (Object.hasOwn(variables, word)) return variables[word]!
  const known = Object.keys(variables)
  const there = known.length === 0 ? 'there are no variables' : `there is ${known.join(', ')}`
  throw new IngotError('usage', `there is no ${word}${didYouMean(word, known) || `: ${there}`}`)
}
