import { Command } from 'commander'
import { addInputOptions, dateOption, type InputFlags, propertyOption, readOptions } from '../../options.ts'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'

interface Flags extends InputFlags, StoreFlags {
  readonly alias?: readonly string[]
  readonly public?: boolean
  readonly autoUpdate?: boolean
  readonly property?: Readonly<Record<string, string>>
  readonly expires?: number
}

export function importCommand(): Command {
  const command = new Command('import')
    .description('take an image of any format into the store, as it is')
    .argument('<image>', 'file, directory or reference (oci:DIR, lxd:META,ROOTFS …); - is standard input')
    .argument('[rootfs]', 'second file of a split LXD image')
    .option('--alias <name...>', 'alias; repeatable. One that another image has moves here', collect)
    .option('--public', 'may be read by anybody')
    .option('--auto-update', 'keep it up to date where it came from')
    .option('--property <key=value>', 'property, in addition to the image’s own; repeatable', propertyOption)
    .option('--expires <date>', 'when it expires: 2026-12-31, an ISO 8601 time, or days from now like 30d', dateOption)
  addStoreOptions(addInputOptions(command))
  return command
    .addHelpText(
      'after',
      `
Examples:
  ingot image import debian.tar.xz --alias debian/12
  ingot image import meta.tar.xz rootfs.squashfs --alias ubuntu/24.04 --expires 90d
  docker save app:1 | ingot image import - --alias app`,
    )
    .action(async (image: string, rootfs: string | undefined, flags: Flags) => {
      const { importImage } = await import('../../../store/import.ts')
      const { countedInput } = await import('../../../formats/pour.ts')
      const { createProgress } = await import('../../progress.ts')
      const progress = createProgress('importing')
      await withStore(flags, async (store) => {
        const imported = await importImage(store, rootfs === undefined ? image : `lxd:${image},${rootfs}`, {
          ...readOptions(flags),
          ...(flags.alias ? { aliases: flags.alias } : {}),
          ...(flags.public ? { public: true } : {}),
          ...(flags.autoUpdate ? { autoUpdate: true } : {}),
          ...(flags.property ? { properties: flags.property } : {}),
          ...(flags.expires === undefined ? {} : { expiresAt: flags.expires }),
          watch: (input) => countedInput(input, progress.read, progress.size),
        }).finally(progress.done)
        process.stdout.write(`Image imported with fingerprint: ${imported.fingerprint}\n`)
        if (imported.existed) process.stderr.write('It was in the store already.\n')
        for (const alias of imported.moved) process.stderr.write(`The alias ${alias} was another image’s before.\n`)
      })
    })
}

function collect(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name]
}
