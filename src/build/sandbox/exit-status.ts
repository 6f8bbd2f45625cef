import type { CommandOptions } from '../../host/command.ts'
import { run } from '../../host/run.ts'

/** All exit statuses, none of which is a failure then. */
export const everyStatus = Array.from({ length: 256 }, (_, status) => status)

/**
 * Runs a program and resolves to its exit status, which is the caller's to judge; its lines go to `onLine`, however many
 * they are. `env` is added to Ingot's environment.
 * Throws as `run` does when the program cannot be started or is ended by a signal.
 */
export async function exitStatus(
  command: string,
  args: readonly string[],
  onLine: (line: string) => void,
  env: CommandOptions['env'] = {},
): Promise<number> {
  const { exitCode } = await run(command, args, { onLine, env, accept: everyStatus, keep: false })
  return exitCode
}
