import { z } from 'zod'
import type { Value, Variables } from './expressions.ts'
import { oneOf, plainValue, strictMap, text } from './fields.ts'

const types = ['text', 'number', 'boolean', 'list'] as const
type OptionType = (typeof types)[number]

/** Something that can be chosen where a feature is used. */
interface Option {
  readonly type: OptionType
  readonly default: Value | undefined
  readonly words: readonly [string, ...string[]] | undefined
}

const full = strictMap({
  description: text.optional(),
  type: oneOf(types).optional().describe('Default: what the default is, or text'),
  default: plainValue.optional().describe('Without one, the option must be given'),
  'one-of': z.tuple([z.string()], z.string()).optional().describe('The texts that it may be'),
})

const optionSchema = z.union([plainValue, full]).transform((given, context): Option => {
  const map = typeof given === 'object' && !Array.isArray(given) ? (given as z.output<typeof full>) : { default: given }
  const value = map.default as Value | undefined
  const type = ('type' in map ? map.type : undefined) ?? (value === undefined ? 'text' : typeOf(value))
  const option = { type, default: value, words: 'one-of' in map ? map['one-of'] : undefined }
  if (value === undefined || schemaOf(option).safeParse(value).success) return option
  const choice = option.words ? ` of ${option.words.join(', ')}` : ''
  context.addIssue({ code: 'custom', message: `the default is no ${type}${choice}`, path: ['default'] })
  return z.NEVER
})

/** What a feature.yaml holds. */
export const featureSchema = strictMap({
  description: text.optional().describe('One line about what it does'),
  options: z
    .record(z.string().regex(/^[A-Za-z_][\w-]*$/, 'an option has letters, digits, - and _ in its name'), optionSchema)
    .default({})
    .describe('What can be chosen where it is used: a default, or a map'),
  steps: z
    .array(z.record(z.string(), z.unknown()))
    .min(1, 'must not be empty')
    .describe('As in a recipe, with ${{ option }} in texts; `if` beside a step says whether it is done'),
})

export type Feature = z.output<typeof featureSchema>

/** The form of what is said where a feature is used; it comes out with the defaults. */
export function optionValuesSchema({ options }: Feature): z.ZodType<Variables> {
  const shape: Record<string, z.ZodType<Value>> = {}
  for (const [name, option] of Object.entries(options)) {
    const schema = schemaOf(option)
    shape[name] = option.default === undefined ? schema : schema.default(option.default)
  }
  return strictMap(shape)
}

function typeOf(value: Value): OptionType {
  if (typeof value === 'object') return 'list'
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean'
}

function schemaOf({ type, words }: Pick<Option, 'type' | 'words'>): z.ZodType<Value> {
  const one = words ? oneOf(words) : z.string()
  switch (type) {
    case 'text':
      return one
    case 'number':
      return z.number()
    case 'boolean':
      return z.boolean()
    case 'list':
      return z.array(one)
  }
}
