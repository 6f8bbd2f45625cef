import { z } from 'zod'
import { imagePath, oneOf, strictMap, text, textMap } from './fields.ts'

/** A file that LXD renders inside each instance; the content is given here or in a file beside the recipe. */
export interface TemplateSpec {
  /** Absolute path inside the instance. */
  readonly target: string
  readonly when: readonly string[]
  readonly createOnly: boolean
  readonly source: { readonly content: string } | { readonly file: string }
  readonly properties: Readonly<Record<string, string>>
}

const triggers = ['create', 'copy', 'rename', 'start'] as const

export const templateSchema = strictMap({
  target: imagePath,
  when: z.array(oneOf(triggers)).min(1, 'must not be empty').default(['create', 'copy']),
  'create-only': z.boolean().default(false),
  content: z.string().optional(),
  file: text.describe('Relative to the folder of the recipe').optional(),
  properties: textMap.default({}),
}).transform((value, context): TemplateSpec => {
  const { content, file } = value
  if ((content === undefined) === (file === undefined)) {
    context.addIssue({ code: 'custom', message: 'a template has either content or file' })
    return z.NEVER
  }
  return {
    target: value.target,
    when: value.when,
    createOnly: value['create-only'],
    source: file === undefined ? { content: content! } : { file },
    properties: value.properties,
  }
})
