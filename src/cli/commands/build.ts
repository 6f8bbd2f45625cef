import { Command, Option } from 'commander'
import { formatNames, jsonOption } from '../options.ts'

interface Flags {
  readonly output?: string
  readonly to?: readonly string[]
  readonly force?: boolean
  readonly home?: string
  readonly store: boolean
  readonly format: 'table' | 'json'
}

export function buildCommand(): Command {
  return new Command('build')
    .description('build an image from a recipe, keep it in the store, and pour it into every format the recipe names')
    .argument('[recipe]', 'recipe file, or a folder with an ingot.yaml', 'ingot.yaml')
    .option('-o, --output <folder>', 'write the recipe’s outputs to files in this folder')
    .option('--no-store', 'do not keep the image in the store; files go to the current folder without -o')
    .addOption(new Option('--to <format...>', 'formats, in place of the recipe’s outputs').choices(formatNames))
    .option('--force', 'replace files that are there already')
    .addOption(new Option('--home <folder>', 'Ingot’s folder: caches, logs, work').env('INGOT_HOME'))
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
Examples:
  ingot build examples/debian/ingot.yaml            # then: ingot image export NAME --to lxd
  ingot build examples/debian/ingot.yaml -o out/
  ingot build lab.yaml --to proxmox -o /var/lib/vz/template/cache/`,
    )
    .action(async (path: string, flags: Flags) => {
      const { buildAndPour } = await import('../build.ts')
      const { withSignals } = await import('../signals.ts')
      await withSignals(() => buildAndPour(path, flags))
    })
}
