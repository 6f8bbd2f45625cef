import type { Command } from 'commander'

/** The command line as a Markdown page: each command's own help text. */
export function commandReference(program: Command): string {
  const parts = [
    '# Command line',
    '',
    'Made from the help texts by `npm run docs`; a test fails when it is out of date. Results go to standard output, everything else to standard error. Exit statuses are listed in [errors.md](errors.md).',
  ]
  for (const command of walk(program)) {
    command.configureHelp({ helpWidth: 110 })
    let text = ''
    command.configureOutput({ writeOut: (chunk) => (text += chunk) })
    command.outputHelp()
    parts.push('', `## ${fullName(command)}`, '', '```', text.trimEnd(), '```')
  }
  return `${parts.join('\n')}\n`
}

function* walk(command: Command): Generator<Command> {
  yield command
  for (const child of command.commands) yield* walk(child)
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name()
}
