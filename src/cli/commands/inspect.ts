import { Command } from 'commander'
import { addInputOptions, type InputFlags, jsonOption, readOptions } from '../options.ts'

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('show what an image is: format, platform, names, properties, run configuration, layers')
    .argument('<image>', 'image reference')
  return addInputOptions(command)
    .addOption(jsonOption)
    .action(async (reference: string, flags: InputFlags & { readonly format: 'table' | 'json' }) => {
      const { openReference } = await import('../open-reference.ts')
      const { describeImage, renderDescription } = await import('../describe.ts')
      const { withSignals } = await import('../signals.ts')
      await withSignals(async () => {
        const opened = await openReference(reference, readOptions(flags))
        const description = await describeImage(opened)
        process.stdout.write(
          flags.format === 'json' ? `${JSON.stringify(description, null, 2)}\n` : renderDescription(description),
        )
      })
    })
}
