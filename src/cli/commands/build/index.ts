import { Command, InvalidArgumentError, Option } from 'commander'
import { formatNames } from '../../../formats/names.ts'
import { homeOption, jsonOption } from '../../options.ts'
import { buildPruneCommand } from './prune.ts'

interface Flags {
  readonly output?: string
  readonly to?: readonly string[]
  readonly force?: boolean
  readonly junit?: string
  readonly shellOnFailure?: boolean
  readonly sbom?: boolean
  readonly provenance?: boolean
  readonly progress?: 'plain' | 'tty' | 'json'
  readonly home?: string
  readonly store: boolean
  readonly cache: boolean
  /** Commander makes `--no-cache-from 3` this; without it it is true. */
  readonly cacheFrom: number | true
  readonly format: 'table' | 'json'
}

function stepNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is the number of a step, as the build prints it.')
}

export function buildCommand(): Command {
  return new Command('build')
    .description('build an image from a recipe, keep it in the store, and pour it into every format the recipe names')
    .argument('[recipe]', 'recipe file, or a folder with an ingot.yaml', 'ingot.yaml')
    .option('-o, --output <folder>', 'write the recipe’s outputs to files in this folder')
    .option('--no-store', 'do not keep the image in the store; files go to the current folder without -o')
    .addOption(new Option('--to <format...>', 'formats, in place of the recipe’s outputs').choices(formatNames))
    .option('--no-cache', 'do everything anew, the base too')
    .option('--no-cache-from <step>', 'do this step and all after it anew; 0 is the base', stepNumber)
    .addOption(
      new Option('--progress <form>', 'how the build is shown; default: tty on a terminal, else plain').choices([
        'plain',
        'tty',
        'json',
      ]),
    )
    .option('--shell-on-failure', 'where a step fails, open a shell in the image as it was left')
    .option('--sbom', 'attach SBOMs (CycloneDX, SPDX) to the image, and write them beside the outputs')
    .option('--provenance', 'write how it came to be (SLSA provenance) beside the outputs; in the store it always is')
    .option('--junit <file>', 'write a report of the recipe’s tests')
    .option('--force', 'replace files that are there already')
    .addOption(homeOption())
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
Examples:
  ingot build examples/debian/ingot.yaml            # then: ingot image export NAME --to lxd
  ingot build examples/debian/ingot.yaml -o out/
  ingot build lab.yaml --to proxmox -o /var/lib/vz/template/cache/`,
    )
    .addCommand(buildPruneCommand())
    .action(async (path: string, flags: Flags) => {
      const { buildAndPour } = await import('../../build.ts')
      const { withSignals } = await import('../../signals.ts')
      await withSignals(() =>
        buildAndPour(path, {
          ...flags,
          anewFrom: !flags.cache ? 0 : flags.cacheFrom === true ? undefined : flags.cacheFrom,
        }),
      )
    })
}
