import { styleText } from 'node:util'
import { errnoOf, IngotError, ioError, messageOf } from '../image/error.ts'

/** Prints what failed, why, and what to do; returns the exit status. A stack trace only when asked, or when it is our own bug. */
export function reportError(thrown: unknown, debug: boolean): number {
  const error = errnoOf(thrown) === undefined ? thrown : ioError('go on', thrown)
  const label = styleText(['red', 'bold'], 'error:', { stream: process.stderr })
  if (error instanceof IngotError) {
    process.stderr.write(`${label} ${error.message}\n`)
    if (error.hint) process.stderr.write(`${styleText('cyan', 'hint:', { stream: process.stderr })} ${error.hint}\n`)
    if (debug) printStacks(error)
    return error.exitStatus
  }
  process.stderr.write(`${label} ${messageOf(error)}\n`)
  process.stderr.write('This is a bug in Ingot. Please report it with what --debug prints.\n')
  if (debug) printStacks(error)
  return 1
}

function printStacks(error: unknown): void {
  for (let at: unknown = error; at instanceof Error; at = at.cause) process.stderr.write(`${at.stack}\n`)
}
