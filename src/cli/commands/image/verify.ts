import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('read every byte of images and compare it with their digests; exit status 6 when one is damaged')
    .argument('[image...]', 'alias, or beginning of a fingerprint (default: all images)')
  return addStoreOptions(addWhichOptions(command)).action(
    async (names: readonly string[], flags: StoreFlags & WhichFlags) => {
      const { verifyImages } = await import('../../../store/verify.ts')
      const { findImage } = await import('../../../store/find.ts')
      const { exitStatuses } = await import('../../../image/error.ts')
      await withStore(flags, async (store) => {
        const catalog = await store.catalog()
        const ids = await Promise.all(names.map(async (name) => (await findImage(catalog, name, flags)).id))
        let damaged = 0
        let whole = 0
        for await (const { fingerprint, problems } of verifyImages(store, names.length > 0 ? ids : undefined)) {
          if (problems.length === 0) whole++
          else damaged++
          for (const problem of problems) process.stdout.write(`${fingerprint.slice(0, 12)}  ${problem}\n`)
        }
        process.stdout.write(`${whole} whole, ${damaged} damaged\n`)
        if (damaged > 0) process.exitCode = exitStatuses.corrupt
      })
    },
  )
}
