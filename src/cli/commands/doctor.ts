import { Command } from 'commander'
import { jsonOption } from '../options.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('tell what this host lacks and how to get it; exits 9 when something needed is missing')
    .option('--install', 'install the missing packages with this distribution’s package manager (root)')
    .addOption(jsonOption)
    .action(async (flags: { readonly install?: boolean; readonly format: 'table' | 'json' }) => {
      const { runDoctor } = await import('../doctor.ts')
      process.exitCode = await runDoctor({ install: flags.install ?? false, json: flags.format === 'json' })
    })
}
