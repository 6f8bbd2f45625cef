import { Command } from 'commander'
import { addInputOptions, type InputFlags, jsonOption, readOptions } from '../options.ts'

export function diffCommand(): Command {
  const command = new Command('diff')
    .description('compare two images: files, owners, modes, packages; exits 1 when they differ')
    .argument('<a>', 'image reference')
    .argument('<b>', 'image reference')
  return addInputOptions(command)
    .option('--times', 'count modification times as differences')
    .addOption(jsonOption)
    .action(
      async (
        a: string,
        b: string,
        flags: InputFlags & { readonly times?: boolean; readonly format: 'table' | 'json' },
      ) => {
        const { openReference } = await import('../open-reference.ts')
        const { printDiff } = await import('../diff.ts')
        const { withSignals } = await import('../signals.ts')
        await withSignals(async () => {
          const [left, right] = [await openReference(a, readOptions(flags)), await openReference(b, readOptions(flags))]
          await printDiff(left.image, right.image, flags)
        })
      },
    )
}
