import { Command } from 'commander'
import { jsonOption } from '../../options.ts'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

interface Flags extends StoreFlags, WhichFlags {
  readonly times?: boolean
  readonly format: 'table' | 'json'
}

export function diffCommand(): Command {
  const command = new Command('diff')
    .description('compare two images of the store: files, owners, modes, packages; exits 1 when they differ')
    .argument('<a>', 'alias, or beginning of a fingerprint')
    .argument('<b>', 'alias, or beginning of a fingerprint')
    .option('--times', 'count modification times as differences')
    .addOption(jsonOption)
  return addStoreOptions(addWhichOptions(command)).action(async (a: string, b: string, flags: Flags) => {
    const { findServedImage } = await import('../../../store/find.ts')
    const { openStoredImage } = await import('../../../store/stored-image.ts')
    const { printDiff } = await import('../../diff.ts')
    await withStore(flags, async (store) => {
      const open = async (name: string) =>
        await openStoredImage(store, await findServedImage(await store.catalog(), name, flags))
      await printDiff(await open(a), await open(b), flags)
    })
  })
}
