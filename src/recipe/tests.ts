import { z } from 'zod'
import { imagePath, mode, oneOf, owner, strictMap, text } from './fields.ts'
import { scriptShape } from './steps/run.ts'

const pattern = text
  .refine((source) => isPattern(source), 'expected a regular expression')
  .describe('A regular expression')

function isPattern(source: string): boolean {
  try {
    new RegExp(source, 'm')
    return true
  } catch {
    return false
  }
}

const script = strictMap({
  ...scriptShape,
  'expect-exit': z.int().min(0).max(255).default(0),
  expect: z.string().optional().describe('All that it prints, without blanks at the ends'),
  matches: pattern.optional().describe('Something in what it prints'),
})

const runTest = z.union([text.transform((line) => script.parse({ script: line })), script])

const fileTest = strictMap({
  path: imagePath,
  exists: z.boolean().default(true),
  type: oneOf(['file', 'directory', 'symlink']).optional(),
  mode: mode.optional(),
  owner: owner.optional(),
  contains: text.optional(),
  matches: pattern.optional(),
})

const bootTest = strictMap({
  expect: oneOf(['running', 'degraded'])
    .default('running')
    .describe('What `systemctl is-system-running` must come to say'),
  within: z
    .string()
    .regex(/^[1-9]\d{0,3}(s|m)$/, 'expected a time like 60s or 2m')
    .default('60s')
    .transform((time) => Number.parseInt(time, 10) * (time.endsWith('m') ? 60 : 1)),
  run: z.array(text).default([]).describe('Scripts for the running system; each must end with exit status 0'),
})

const schemas = { run: runTest, file: fileTest, boot: bootTest } as const
type TestKind = keyof typeof schemas

type TestOf<Kind extends TestKind> = { readonly kind: Kind; readonly value: z.output<(typeof schemas)[Kind]> }

/** What must be true of the finished image. */
export type RecipeTest = { [Kind in TestKind]: TestOf<Kind> }[TestKind]

const item = strictMap({ run: runTest.optional(), file: fileTest.optional(), boot: bootTest.optional() })

export const testSchema = item.meta({ minProperties: 1, maxProperties: 1 }).transform((given, context): RecipeTest => {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  if (entries.length === 1) return { kind: entries[0]![0], value: entries[0]![1] } as RecipeTest
  context.addIssue({ code: 'custom', message: `a test has exactly one key: ${Object.keys(schemas).join(', ')}` })
  return z.NEVER
})
