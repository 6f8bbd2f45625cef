import { Command, Option } from 'commander'
import { formatNames } from '../../../formats/names.ts'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

interface Flags extends StoreFlags, WhichFlags {
  readonly output?: string
  readonly to?: string
  readonly variant?: string
  readonly compression?: string
  readonly name?: readonly string[]
  readonly force?: boolean
  readonly format: 'table' | 'json'
}

export function exportCommand(): Command {
  const command = new Command('export')
    .alias('convert')
    .description(
      'write an image of the store to files: as it came, or in another format, which is kept for the next time',
    )
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .argument('[target]', 'file, folder, prefix, or - for standard output (default: the current folder)')
    .option('-o, --output <path>', 'the same as [target]')
    .addOption(new Option('--to <format>', 'format to write').choices(formatNames))
    .option('--variant <name>', 'form of the format (lxd: split-squashfs, split-tar, unified; proxmox: template, oci)')
    .option('--compression <kind[:level]>', 'gzip, zstd, xz or none, with a level: zstd:9')
    .option('--name <name...>', 'name (tag) to record in the image; repeatable')
    .option('--force', 'replace files that are there already')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'))
  addStoreOptions(addWhichOptions(command))
  return command
    .addHelpText(
      'after',
      `
Examples:
  ingot image export debian/12                       # the files that came in
  ingot image export debian/12 --to proxmox /var/lib/vz/template/cache/
  ingot image export debian/12 --to docker --name lab/debian:12 - | docker load`,
    )
    .action(async (name: string, target: string | undefined, flags: Flags) => {
      const { exportImage } = await import('../../../store/export.ts')
      const { parseCompression } = await import('../../../compression/parse.ts')
      const { printRendition, warn } = await import('../../run-pour.ts')
      await withStore(flags, async (store) => {
        const rendition = await exportImage(store, name, {
          architecture: flags.architecture,
          ...(flags.to === undefined ? {} : { to: flags.to }),
          variant: flags.variant,
          compression: flags.compression === undefined ? undefined : parseCompression(flags.compression),
          names: flags.name,
          out: target ?? flags.output ?? '.',
          force: flags.force,
          warn,
        })
        printRendition(rendition, flags.format)
      })
    })
}
