import { z } from 'zod'
import { parseCompression } from '../compression/parse.ts'
import type { CompressOptions } from '../compression/types.ts'
import { formatNames, variantsOf } from '../formats/names.ts'
import { IngotError } from '../image/error.ts'
import { didYouMean } from '../image/suggest.ts'
import { oneOf, strictMap } from './fields.ts'

/** A format that the image is poured into. */
export interface Output {
  readonly format: string
  readonly variant?: string
  readonly compression?: CompressOptions
}

const formatName = oneOf(formatNames)

const compression = z.string().transform((value, context): CompressOptions => {
  try {
    return parseCompression(value)
  } catch (error) {
    if (!(error instanceof IngotError)) throw error
    context.addIssue({ code: 'custom', message: [error.message, error.hint].filter(Boolean).join('; ') })
    return z.NEVER
  }
})

const full = strictMap({
  format: formatName,
  variant: z.string().optional(),
  compression: compression.describe('Like zstd, zstd:19 or none').optional(),
}).transform((value, context): Output => {
  const variants: readonly string[] = variantsOf[value.format]
  if (value.variant !== undefined && !variants.includes(value.variant)) {
    const known = variants.length > 0 ? `expected ${variants.join(', ')}` : 'it has none'
    const message = `${value.format} has no variant ${JSON.stringify(value.variant)}${didYouMean(value.variant, variants)}; ${known}`
    context.addIssue({ code: 'custom', path: ['variant'], message })
  }
  return {
    format: value.format,
    ...(value.variant !== undefined && { variant: value.variant }),
    ...(value.compression !== undefined && { compression: value.compression }),
  }
})

/** The name of a format, or a map with its variant and compression. */
export const outputSchema = z.union([formatName.transform((format): Output => ({ format })), full])
