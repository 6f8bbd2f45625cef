import { Command, InvalidArgumentError } from 'commander'
import { homeOption, jsonOption } from '../../options.ts'

interface Flags {
  readonly home?: string
  readonly unusedFor: number
  readonly keep: number
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly format: 'table' | 'json'
}

/** `ingot build prune`. */
export function buildPruneCommand(): Command {
  return new Command('prune')
    .description('remove what builds have kept to be quicker the next time')
    .option('--unused-for <days>', 'what was not used for so long goes', days, 30)
    .option(
      '--keep <size>',
      'at most so much stays, like 20GB: beyond that goes what was not used for longest',
      size,
      Infinity,
    )
    .option('--all', 'all of it')
    .option('--dry-run', 'say what would go, and remove nothing')
    .addOption(homeOption())
    .addOption(jsonOption)
    .action(async (_: unknown, command: Command) => {
      // --home and --format are options of `build` too, which takes them wherever they stand.
      const { all, unusedFor, keep, dryRun = false, ...flags } = command.optsWithGlobals<Flags>()
      const { openHome } = await import('../../../build/home.ts')
      const { pruneLayers } = await import('../../../build/cache/prune.ts')
      const { defaultHome } = await import('../../../host/home.ts')
      const { formatBytes, renderTable } = await import('../../text.ts')
      const home = openHome(flags.home ?? defaultHome())
      const gone = await pruneLayers(home, { unusedFor: all ? 0 : unusedFor * 86_400, keep, dryRun })
      if (flags.format === 'json') return void process.stdout.write(`${JSON.stringify(gone, null, 2)}\n`)
      if (gone.length === 0) return void process.stdout.write('nothing to remove\n')
      const rows = gone.map(({ key, title, bytes, lastUsed }) => [
        key.slice(0, 12),
        formatBytes(bytes),
        new Date(lastUsed).toISOString().slice(0, 10),
        title,
      ])
      process.stdout.write(renderTable(['LAYER', 'SIZE', 'LAST USED', 'MADE BY'], rows))
      const total = gone.reduce((sum, { bytes }) => sum + bytes, 0)
      process.stdout.write(`${dryRun ? 'would free' : 'freed'} ${formatBytes(total)}\n`)
    })
}

function days(text: string): number {
  const match = /^(\d{1,5})d?$/.exec(text)
  if (match) return Number(match[1])
  throw new InvalidArgumentError('It is a number of days, like 30.')
}

const units: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4 }

/** `500MB`, `20G`, `1.5GiB`: with an i in powers of 1024, else of 1000. */
function size(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([KMGT]?)(i?)B?$/i.exec(text)
  if (!match) throw new InvalidArgumentError('It is a size, like 20GB or 512MiB.')
  const [, number, unit, binary] = match
  const exponent = unit === '' ? 0 : units[unit!.toUpperCase()]!
  return Number(number) * (binary ? 1024 : 1000) ** exponent
}
