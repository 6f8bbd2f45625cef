import { Command, CommanderError } from 'commander'
import { print } from './print.ts'
import { reportError } from './report-error.ts'
import { version } from './version.ts'

const commands: Readonly<Record<string, (only?: string | false) => Promise<Command>>> = {
  build: async () => (await import('./commands/build/index.ts')).buildCommand(),
  plan: async () => (await import('./commands/plan.ts')).planCommand(),
  convert: async () => (await import('./commands/convert.ts')).convertCommand(),
  pack: async () => (await import('./commands/pack.ts')).packCommand(),
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand(),
  diff: async () => (await import('./commands/diff.ts')).diffCommand(),
  image: async (only) => (await import('./commands/image/index.ts')).imageCommand(only),
  store: async () => (await import('./commands/store.ts')).storeCommand(),
  recipe: async () => (await import('./commands/recipe.ts')).recipeCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
}

/**
 * The command tree: the whole, or as much of it as these words of a command line need. Commands import what they need only when they
 * run, so that help stays quick.
 */
export async function createProgram(words?: readonly (string | undefined)[]): Promise<Command> {
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
    .configureOutput({ writeOut: print })
  const [first, second] = words ?? []
  const one = first !== undefined && Object.hasOwn(commands, first) ? commands[first] : undefined
  const made = one
    ? [one(second)]
    : Object.values(commands).map((make) => make(words && isHelp(first) ? false : undefined))
  for (const command of await Promise.all(made)) {
    program.addCommand(command.configureHelp({ showGlobalOptions: true }))
  }
  return throwing(program)
}

/** The whole tree throws what is wrong with a command line; commands below others do not do so by themselves. */
function throwing(command: Command): Command {
  for (const below of command.commands) throwing(below)
  return command.exitOverride()
}

/** Whether only the top of the tree is to be shown. */
function isHelp(word: string | undefined): boolean {
  return word === undefined || word.startsWith('-')
}

function isCompletion(word: string | undefined): boolean {
  return word === 'completion' || word === 'complete'
}

/** Runs the command line and returns the exit status. Never throws. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const debug = argv.includes('--debug')
  try {
    if (argv.length === 3 && argv[2] === '--version') {
      print(`${version()}\n`)
      return 0
    }
    const program = await createProgram(isCompletion(argv[2]) ? undefined : [argv[2], argv[3]])
    if (isCompletion(argv[2])) {
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
