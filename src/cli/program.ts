import { Command, CommanderError } from 'commander'
import { reportError } from './report-error.ts'
import { version } from './version.ts'

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => (await import('./commands/build.ts')).buildCommand(),
  convert: async () => (await import('./commands/convert.ts')).convertCommand(),
  pack: async () => (await import('./commands/pack.ts')).packCommand(),
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand(),
  diff: async () => (await import('./commands/diff.ts')).diffCommand(),
  image: async () => (await import('./commands/image/index.ts')).imageCommand(),
  store: async () => (await import('./commands/store.ts')).storeCommand(),
  recipe: async () => (await import('./commands/recipe.ts')).recipeCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
}

/**
 * The command tree: of one command, when its name is given, else the whole. Commands import what they need only when they run, so that
 * help stays quick.
 */
export async function createProgram(only?: string): Promise<Command> {
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
  const named = only !== undefined && Object.hasOwn(commands, only) ? [commands[only]!] : Object.values(commands)
  for (const command of await Promise.all(named.map((make) => make()))) {
    program.addCommand(command.exitOverride().configureHelp({ showGlobalOptions: true }))
  }
  return program
}

/** Runs the command line and returns the exit status. Never throws. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const debug = argv.includes('--debug')
  try {
    if (argv.length === 3 && argv[2] === '--version') {
      process.stdout.write(`${version()}\n`)
      return 0
    }
    const program = await createProgram(argv[2])
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
