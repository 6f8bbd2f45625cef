import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../host/run.ts'
import { shellWord } from '../../image/shell-word.ts'
import { everyStatus } from './exit-status.ts'

/**
 * Runs a command that talks to the user, and resolves to its exit status. On a terminal it gets one of its own (script(1)): what runs in
 * an image must not be able to type into the user's. `folder`: for a file that is needed while it runs. Throws 'missing-tool'.
 */
export async function talk(command: readonly string[], folder: string): Promise<number> {
  const options = { stdio: 'inherit', accept: everyStatus } as const
  const [program = '', ...args] = command
  if (!process.stdin.isTTY) return (await run(program, args, options)).exitCode
  const file = join(folder, 'talk')
  writeFileSync(file, `exec ${command.map(shellWord).join(' ')}\n`)
  return (await run('script', ['--quiet', '--return', '--command', `sh ${shellWord(file)}`, '/dev/null'], options))
    .exitCode
}
