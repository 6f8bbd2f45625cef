import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, type Pair, parseDocument } from 'yaml'
import { IngotError } from '../image/error.ts'
import { recipeKeys } from './schema.ts'

/**
 * A recipe in the one form that all of them have: keys of the top in the order of the documentation, two blanks a level, lists
 * indented. Comments stay with what they stand before; what it means stays the same. Throws 'usage' for what is no YAML.
 */
export function formatRecipe(text: string, file: string): string {
  const document = parseDocument(text, { prettyErrors: false })
  const [problem] = document.errors
  if (problem) throw new IngotError('usage', `${file}: ${problem.message}`)
  if (isMap(document.contents)) {
    const { items } = document.contents
    const [first] = items
    items.sort((a, b) => rank(a) - rank(b))
    // What the file begins with belongs to the file, and a blank line before the first key to nothing.
    if (items[0] !== first && isScalar(first?.key) && isScalar(items[0]?.key)) items[0].key.spaceBefore = false
  }
  const formatted = document.toString({ lineWidth: 0, indent: 2, indentSeq: true, flowCollectionPadding: true })
  if (isDeepStrictEqual(parseDocument(formatted).toJS(), document.toJS())) return formatted
  throw new Error(`${file}: formatting would change what it means`)
}

function rank({ key }: Pair): number {
  const place = isScalar(key) ? recipeKeys.indexOf(String(key.value)) : -1
  return place < 0 ? recipeKeys.length : place
}
