import { existsSync } from 'node:fs'
import { IngotError } from '../image/error.ts'
import type { BuildLog } from './log.ts'
import { resolveInRoot } from './root/resolve.ts'
import type { SandboxJob, StepContext } from './steps/types.ts'

/**
 * Does `work` with a context; when that fails, the user gets a shell in the root as it was left, with all that the last program had:
 * variables, files, folders, secrets, network. The failure stays one.
 */
export async function withShellOnFailure<T>(
  context: StepContext,
  log: BuildLog,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  let last: SandboxJob = { command: [] }
  const watched: StepContext = {
    ...context,
    async sandbox(job) {
      last = job
      return await context.sandbox(job)
    },
  }
  try {
    return await work(watched)
  } catch (error) {
    if (!(error instanceof IngotError && error.code === 'interrupted')) await openShell(context, last, log, error)
    throw error
  }
}

async function openShell(context: StepContext, last: SandboxJob, log: BuildLog, error: unknown): Promise<void> {
  const shell = ['bin/bash', 'bin/sh'].find((path) => existsSync(resolveInRoot(context.root, path)))
  if (shell === undefined)
    return log.emit({ type: 'note', message: 'there is no shell in the image to look around with' })
  const why = error instanceof Error ? error.message : String(error)
  const script = last.files?.script === undefined ? '' : '; the script is /run/ingot/script'
  log.emit({
    type: 'shell',
    message: `${why}: this is /${shell} in the image as it was left${script}. The build ends when it does.`,
  })
  await context.sandbox({
    ...last,
    command: [`/${shell}`],
    env: { ...last.env, TERM: process.env.TERM ?? 'dumb' },
    binds: (last.binds ?? []).filter(({ source }) => existsSync(source)), // what a step made for itself is gone with it
    interactive: true,
  })
}
