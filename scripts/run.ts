import { spawnSync } from 'node:child_process'

/** Runs a program with this terminal's streams and returns its exit status. */
export function runStep(title: string, command: string, args: readonly string[]): number {
  const started = Date.now()
  process.stdout.write(`\n--- ${title}\n`)
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) process.stdout.write(`${command}: ${error.message}\n`)
  process.stdout.write(
    `--- ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
  )
  return status ?? 1
}
