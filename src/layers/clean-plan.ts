import { IngotError } from '../image/error.ts'
import { didYouMean } from '../image/suggest.ts'
import { type CleanOperation, cleanOperations } from './clean-operations.ts'

export interface CleanChoice {
  /** `standard`, `minimal` or `none`. */
  readonly preset: string
  readonly on: readonly string[]
  readonly off: readonly string[]
}

const presets = ['standard', 'minimal', 'none'] as const

/** The operations that a choice means, in their own order. Throws 'usage' for a name that does not exist. */
export function planCleaning(choice: CleanChoice): readonly CleanOperation[] {
  if (!presets.some((name) => name === choice.preset)) throw unknown('cleaning preset', choice.preset, presets)
  const names = cleanOperations.map((operation) => operation.name)
  for (const name of [...choice.on, ...choice.off])
    if (!names.includes(name)) throw unknown('cleaning operation', name, names)
  return cleanOperations.filter(({ name, minimal }) => {
    if (choice.off.includes(name)) return false
    if (choice.on.includes(name)) return true
    return choice.preset === 'standard' || (choice.preset === 'minimal' && minimal)
  })
}

function unknown(what: string, name: string, known: readonly string[]): IngotError {
  return new IngotError('usage', `there is no ${what} ${JSON.stringify(name)}${didYouMean(name, known)}`, {
    hint: `There are: ${known.join(', ')}.`,
  })
}
