import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

interface Flags extends StoreFlags, WhichFlags {
  readonly dryRun?: boolean
}

export function deleteCommand(): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('delete images: all that are named, or none when one is not found')
    .argument('<image...>', 'alias, or beginning of a fingerprint')
    .option('--dry-run', 'say what would go, and delete nothing')
  return addStoreOptions(addWhichOptions(command)).action(async (names: readonly string[], flags: Flags) => {
    const { deleteImages } = await import('../../../store/delete.ts')
    const { formatBytes } = await import('../../text.ts')
    await withStore(flags, async (store) => {
      const { images, bytes } = await deleteImages(store, names, { ...flags, dryRun: flags.dryRun ?? false })
      for (const { fingerprint, aliases } of images) {
        const also = aliases.length > 0 ? ` (${aliases.map((alias) => alias.name).join(', ')})` : ''
        process.stdout.write(`${flags.dryRun ? 'would delete' : 'deleted'} ${fingerprint.slice(0, 12)}${also}\n`)
      }
      process.stdout.write(`${flags.dryRun ? 'would free' : 'freed'} ${formatBytes(bytes)}\n`)
    })
  })
}
