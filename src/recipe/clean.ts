import { z } from 'zod'
import { IngotError } from '../image/error.ts'
import { type CleanChoice, planCleaning } from '../layers/clean-plan.ts'
import { strictMap } from './fields.ts'

const full = strictMap({
  preset: z.string().default('standard'),
  on: z.array(z.string()).default([]),
  off: z.array(z.string()).default([]),
})

/** The name of a preset, or a map with operations to turn on and off besides. */
export const cleanSchema = z
  .union([z.string().transform((preset) => ({ preset, on: [] as string[], off: [] as string[] })), full])
  .transform((choice, context): CleanChoice => {
    try {
      planCleaning(choice)
      return choice
    } catch (error) {
      if (!(error instanceof IngotError)) throw error
      context.addIssue({ code: 'custom', message: [error.message, error.hint].filter(Boolean).join('; ') })
      return z.NEVER
    }
  })
