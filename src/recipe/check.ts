import type { z } from 'zod'
import { IngotError } from '../image/error.ts'
import type { DocumentPath } from './document.ts'
import { formatPlace } from './place.ts'
import { formatPath, type Problem, problemsOf } from './problems.ts'
import type { Source } from './source.ts'

/** Where a value is written. */
export interface Origin {
  readonly source: Source
  readonly path: DocumentPath
}

/** A value as its schema has it. Throws 'usage' with one line for each thing that is wrong: `file:line:column: path: what was expected`. */
export function check<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  originOf: (path: DocumentPath) => Origin,
): Output {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = problemsOf(result.error.issues, value)
  throw new IngotError('usage', problems.map((problem) => describe(originOf(problem.path), problem)).join('\n'))
}

/** The error for one thing that is wrong, at its place; `atKey`: the key itself is wrong, not its value. */
export function wrongAt(origin: Origin, message: string, atKey = false): IngotError {
  return new IngotError('usage', describe(origin, { message, atKey }))
}

function describe({ source, path }: Origin, { message, atKey = false }: Omit<Problem, 'path'>): string {
  const place = formatPlace(source.locate(path, atKey ? 'key' : 'value'))
  return `${place}: ${path.length === 0 ? '' : `${formatPath(path)}: `}${message}`
}
