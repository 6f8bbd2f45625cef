import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { buildCommand } from './commands/build.ts'
import { convertCommand } from './commands/convert.ts'
import { diffCommand } from './commands/diff.ts'
import { doctorCommand } from './commands/doctor.ts'
import { imageCommand } from './commands/image/index.ts'
import { inspectCommand } from './commands/inspect.ts'
import { packCommand } from './commands/pack.ts'
import { recipeCommand } from './commands/recipe.ts'
import { storeCommand } from './commands/store.ts'
import { reportError } from './report-error.ts'

/** The whole command tree. Commands import what they need only when they run, so that help stays quick. */
export function createProgram(): Command {
  const program = new Command('ingot')
    .description(
      'Casts one Linux system image and pours it into every mould: Docker/OCI, LXD/Incus, Proxmox VE, plain rootfs.',
    )
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--debug', 'print stack traces with errors')
    .showSuggestionAfterError()
    .showHelpAfterError('(ingot help COMMAND tells more)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride()
  const commands = [
    buildCommand,
    convertCommand,
    packCommand,
    inspectCommand,
    diffCommand,
    imageCommand,
    storeCommand,
    recipeCommand,
    doctorCommand,
  ]
  for (const make of commands) program.addCommand(make().exitOverride().configureHelp({ showGlobalOptions: true }))
  return program
}

/** Runs the command line and returns the exit status. Never throws. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const debug = argv.includes('--debug')
  try {
    const program = createProgram()
    if (argv[2] === 'completion' || argv[2] === 'complete') {
      const { addCompletion } = await import('./completion.ts')
      addCompletion(program)
    } else {
      program
        .command('completion')
        .argument('<shell>')
        .description('print a completion script for bash, zsh, fish or powershell')
    }
    await program.parseAsync(argv)
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return reportError(error, debug)
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string')
    return parsed.version
  throw new Error('package.json has no version')
}
