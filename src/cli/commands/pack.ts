import { Command, InvalidArgumentError, Option } from 'commander'
import type { Flatten } from '../../layers/flatten.ts'
import {
  addInputOptions,
  addOutputOptions,
  type InputFlags,
  jsonOption,
  type OutputFlags,
  propertyOption,
  readOptions,
} from '../options.ts'
import type { Prepared, PrepareFlags } from '../prepare.ts'

interface Flags extends InputFlags, OutputFlags, PrepareFlags {
  readonly format: 'table' | 'json'
}

export function packCommand(): Command {
  const command = new Command('pack')
    .description('make an image of a root tree, a tar or any image: cleaned, ids shifted, in any format')
    .argument('<source>', 'directory, tar, or any image reference')
  addOutputOptions(addInputOptions(command))
  return command
    .addOption(
      new Option('--clean [preset]', 'remove what does not belong into an image: standard (default), minimal or none'),
    )
    .option('--clean-on <operation...>', 'switch single cleaning operations on')
    .option('--clean-off <operation...>', 'switch single cleaning operations off')
    .option(
      '--shift-ids <n>',
      'add n to every uid and gid: -100000 for an unprivileged container’s volume',
      shiftOption,
    )
    .option('--property <key=value>', 'image property (os, release, description …); repeatable', propertyOption)
    .option('--cmd <command>', 'default command: a JSON list, or words', wordsOption)
    .option('--entrypoint <command>', 'entry point: a JSON list, or words', wordsOption)
    .option('--env <key=value...>', 'environment of containers; repeatable')
    .option('--stop-signal <signal>', 'signal that stops a container (SIGRTMIN+3 for systemd)')
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
Examples:
  ingot pack /mnt/vm-105 --clean --shift-ids -100000 --to proxmox -o /var/lib/vz/template/cache/
  ingot pack rootfs.tar.gz --shift-ids -100000 --to rootfs --compression zstd -o fixed.tar.zst
  ingot pack dir:/srv/root --to docker --name lab/base:1 --cmd /sbin/init -o base.tar`,
    )
    .action(async (source: string, flags: Flags) => {
      const { pour } = await import('../../formats/pour.ts')
      const { openReference } = await import('../open-reference.ts')
      const { prepare } = await import('../prepare.ts')
      const { createProgress } = await import('../progress.ts')
      const { pourOptions, printRendition } = await import('../run-pour.ts')
      const { withSignals } = await import('../signals.ts')
      await withSignals(async () => {
        const progress = createProgress('packing')
        const { image } = await openReference(source, {
          ...readOptions(flags),
          onRead: progress.read,
          onSize: progress.size,
        })
        let report: Prepared['report'] = () => {}
        const packed = (flatten: Flatten) => {
          const prepared = prepare(image, flags, flatten)
          report = prepared.report
          return [prepared.image]
        }
        const rendition = await pour(packed, await pourOptions(flags)).finally(progress.done)
        report(process.stderr)
        printRendition(rendition, flags.format)
      })
    })
}

function shiftOption(text: string): number {
  if (!/^[+-]?\d+$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('that is not a whole number like -100000.')
  return Number(text)
}

function wordsOption(text: string): readonly string[] {
  if (!text.trimStart().startsWith('[')) return text.split(/\s+/).filter(Boolean)
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed) && parsed.every((word) => typeof word === 'string')) return parsed
  } catch (error) {
    throw new InvalidArgumentError(`that is not JSON: ${error instanceof Error ? error.message : error}`)
  }
  throw new InvalidArgumentError('that is not a JSON list of strings.')
}
