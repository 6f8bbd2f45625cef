import { IngotError } from '../../image/error.ts'
import type { SandboxJob, StepContext } from './types.ts'

/** Runs a program of the image; throws 'command-failed' when it does not end with 0, or an exit status of `accept`. */
export async function succeed(
  context: StepContext,
  name: string,
  job: SandboxJob,
  accept: readonly number[] = [],
): Promise<void> {
  const status = await context.sandbox(job)
  if (status === 0 || accept.includes(status)) return
  const how = status > 128 ? `was ended by signal ${status - 128}` : `failed with exit status ${status}`
  throw new IngotError('command-failed', `${name} ${how}`)
}
