import { Command } from 'commander'
import { homeOption, jsonOption } from '../options.ts'

interface Flags {
  readonly home?: string
  readonly format: 'table' | 'json'
}

export function planCommand(): Command {
  return new Command('plan')
    .description('say what a build would do: steps, which of them were done before, and what would come out')
    .argument('[recipe]', 'recipe file, or a folder with an ingot.yaml', 'ingot.yaml')
    .addOption(homeOption())
    .addOption(jsonOption)
    .action(async (path: string, flags: Flags) => {
      const { showPlan } = await import('../plan.ts')
      const { defaultHome } = await import('../../host/home.ts')
      await showPlan(path, flags.home ?? defaultHome(), flags.format)
    })
}
