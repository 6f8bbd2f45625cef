import { Command } from 'commander'
import { jsonOption } from '../../options.ts'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

interface Flags extends StoreFlags, WhichFlags {
  readonly format: 'table' | 'json'
  readonly depth: string
}

export function treeCommand(): Command {
  const command = new Command('tree')
    .description('show where an image’s bytes are: layers, what is wasted in them, the largest folders and packages')
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .option('--depth <n>', 'look into folders this deep', '3')
    .addOption(jsonOption)
  return addStoreOptions(addWhichOptions(command)).action(async (name: string, flags: Flags) => {
    const { findServedImage } = await import('../../../store/find.ts')
    const { openStoredImage } = await import('../../../store/stored-image.ts')
    const { describeUsage, renderUsage } = await import('../../image-usage.ts')
    await withStore(flags, async (store) => {
      const found = await findServedImage(await store.catalog(), name, flags)
      const usage = await describeUsage(await openStoredImage(store, found), Number(flags.depth) || 3)
      process.stdout.write(flags.format === 'json' ? `${JSON.stringify(usage, null, 2)}\n` : renderUsage(usage))
    })
  })
}
