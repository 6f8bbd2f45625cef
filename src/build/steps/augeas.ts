import { existsSync } from 'node:fs'
import { IngotError } from '../../image/error.ts'
import { treeDigest } from '../cache/content.ts'
import { sandboxFiles } from '../sandbox/environment.ts'
import { lentProgram } from '../sandbox/lent-program.ts'
import { judge, readOutput, scriptOf } from './augeas/script.ts'
import { insideFolder } from './inside-folder.ts'
import type { StepContext, StepRunner } from './types.ts'

const hostLenses = '/usr/share/augeas/lenses'

/** The host's augtool, inside the sandbox: a link in the image leads where it leads for the image, never to the host. */
export const augeasStep: StepRunner<'augeas'> = {
  title: ({ commands }) => `augeas: ${commands[0]}${commands.length > 1 ? ' …' : ''}`,
  inputs: async ({ lenses }, recipeFolder, memory) =>
    lenses === undefined ? undefined : await treeDigest(insideFolder(recipeFolder, lenses), memory),
  async apply({ commands, lenses }, context) {
    const program = await lentProgram('augtool')
    const folders = lensFolders(lenses, context)
    const lines: string[] = []
    const status = await context.sandbox({
      command: [
        ...program.command,
        '--nostdinc',
        ...[...folders.map(({ target }) => target), `${inside}/host/dist`].flatMap((path) => ['--include', path]),
        ...['--echo', '--file', `${sandboxFiles}/commands`],
      ],
      files: { commands: scriptOf(commands) },
      binds: [...program.binds, ...folders],
      network: 'none',
      onLine: (line) => lines.push(line),
    })
    const output = readOutput(commands, lines)
    for (const line of output.commands.flat()) context.say(line)
    judge(commands, output, status)
  },
}

const inside = `${sandboxFiles}/lenses`

function lensFolders(own: string | undefined, { recipeFolder }: StepContext) {
  if (!existsSync(hostLenses)) {
    throw new IngotError('missing-tool', `there are no lenses in ${hostLenses}`, {
      hint: 'On Debian they are in the package augeas-lenses.',
    })
  }
  return [
    ...(own === undefined
      ? []
      : [{ source: insideFolder(recipeFolder, own), target: `${inside}/own`, writable: false }]),
    { source: hostLenses, target: `${inside}/host`, writable: false },
  ]
}
