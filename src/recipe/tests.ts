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

const schemas = { run: runTest, file: fileTest } as const
type TestKind = keyof typeof schemas

type TestOf<Kind extends TestKind> = { readonly kind: Kind; readonly value: z.output<(typeof schemas)[Kind]> }

/** What must be true of the finished image. */
export type RecipeTest = { [Kind in TestKind]: TestOf<Kind> }[TestKind]

export const testSchema = strictMap({ run: runTest.optional(), file: fileTest.optional() })
  .meta({ minProperties: 1, maxProperties: 1 })
  .transform(({ run, file }, context): RecipeTest => {
    if (run !== undefined && file === undefined) return { kind: 'run', value: run }
    if (file !== undefined && run === undefined) return { kind: 'file', value: file }
    context.addIssue({ code: 'custom', message: 'a test has exactly one key: run or file' })
    return z.NEVER
  })
