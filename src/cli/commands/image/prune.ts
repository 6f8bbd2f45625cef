import { Command } from 'commander'
import { jsonOption } from '../../options.ts'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'

interface Flags extends StoreFlags {
  readonly dryRun?: boolean
  readonly format: 'table' | 'json'
}

const reasons = {
  unused: 'fetched for use, and not used for days',
  expired: 'expired',
  replaced: 'another image has had its alias for days',
  rendition: 'rendition that was not used for days',
} as const

export function pruneCommand(): Command {
  const command = new Command('prune')
    .description('remove images and renditions that have had their time; the settings of `ingot store config` say when')
    .option('--dry-run', 'say what would go, and remove nothing')
    .addOption(jsonOption)
  return addStoreOptions(command).action(async (flags: Flags) => {
    const { prune } = await import('../../../store/lifecycle/prune.ts')
    const { formatBytes, renderTable } = await import('../../text.ts')
    await withStore(flags, async (store) => {
      const { removed, bytes } = await prune(store, { dryRun: flags.dryRun ?? false })
      if (flags.format === 'json') return void process.stdout.write(`${JSON.stringify(removed, null, 2)}\n`)
      if (removed.length === 0) return void process.stdout.write('nothing to remove\n')
      const rows = removed.map((one) => [
        one.fingerprint.slice(0, 12),
        one.format,
        formatBytes(one.bytes),
        reasons[one.reason],
        one.aliases.join(', '),
      ])
      process.stdout.write(renderTable(['FINGERPRINT', 'FORMAT', 'SIZE', 'REASON', 'ALIASES'], rows))
      process.stdout.write(`${flags.dryRun ? 'would free' : 'freed'} ${formatBytes(bytes)}\n`)
    })
  })
}
