import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'

export function refreshCommand(): Command {
  const command = new Command('refresh')
    .description(
      'look for something new where images came from; it takes their aliases, and what it replaces stays for a grace time',
    )
    .argument('[image...]', 'alias, or beginning of a fingerprint; default: all that were imported with --auto-update')
  return addStoreOptions(command).action(async (names: readonly string[], flags: StoreFlags) => {
    const { refreshImages } = await import('../../../store/refresh.ts')
    const { reportError } = await import('../../report-error.ts')
    await withStore(flags, async (store) => {
      const all = refreshImages(store, {
        ...(names.length > 0 ? { names } : {}),
        failed: (_, error) => {
          process.exitCode = reportError(error, false)
        },
      })
      for await (const { before, fingerprint } of all) {
        const name = before.aliases[0]?.name ?? before.fingerprint.slice(0, 12)
        const short = fingerprint.slice(0, 12)
        const text =
          fingerprint === before.fingerprint
            ? `${short} is what there is`
            : `${before.fingerprint.slice(0, 12)} -> ${short}`
        process.stdout.write(`${name}: ${text}\n`)
      }
    })
  })
}
