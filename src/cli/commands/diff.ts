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
        const { openImage } = await import('../../formats/pour.ts')
        const { diffImages, renderDiff } = await import('../diff.ts')
        const { withSignals } = await import('../signals.ts')
        await withSignals(async () => {
          const [left, right] = [await openImage(a, readOptions(flags)), await openImage(b, readOptions(flags))]
          const diff = await diffImages(left.image, right.image, { times: flags.times ?? false })
          const text = flags.format === 'json' ? [`${JSON.stringify(diff, null, 2)}\n`] : renderDiff(diff)
          for (const piece of text) process.stdout.write(piece)
          process.exitCode = diff.equal ? 0 : 1
        })
      },
    )
}
