import { Command } from 'commander'
import {
  addInputOptions,
  addOutputOptions,
  type InputFlags,
  jsonOption,
  type OutputFlags,
  readOptions,
} from '../options.ts'

interface Flags extends InputFlags, OutputFlags {
  readonly format: 'table' | 'json'
}

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('turn an image of any format into another')
    .argument(
      '<in...>',
      'image: oci:DIR[:NAME], docker-archive:FILE[:TAG], lxd:META,ROOTFS …, or a path; - is standard input',
    )
  addOutputOptions(addInputOptions(command)).addOption(jsonOption)
  return command
    .addHelpText(
      'after',
      `
Examples:
  ingot convert debian.tar.xz --to lxd -o debian          # debian.lxd.tar.gz and debian.rootfs.squashfs
  ingot convert oci:layout:latest --to proxmox -o /var/lib/vz/template/cache/
  docker save app:1 | ingot convert - --to rootfs -o - | tar -tv --zstd`,
    )
    .action(async (inputs: readonly string[], flags: Flags) => {
      const { pour } = await import('../../formats/pour.ts')
      const { openReference } = await import('../open-reference.ts')
      const { createProgress } = await import('../progress.ts')
      const { pourOptions, printRendition } = await import('../run-pour.ts')
      const { withSignals } = await import('../signals.ts')
      await withSignals(async () => {
        const progress = createProgress('converting')
        const watch = { onRead: progress.read, onSize: progress.size }
        const images = []
        for (const input of inputs) images.push((await openReference(input, { ...readOptions(flags), ...watch })).image)
        const rendition = await pour(images, await pourOptions(flags)).finally(progress.done)
        printRendition(rendition, flags.format)
      })
    })
}
