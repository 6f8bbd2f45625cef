import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

export function mountCommand(): Command {
  const command = new Command('mount')
    .description('mount an image’s tree read-only (root)')
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .argument('<folder>', 'empty, or made')
    .option('--unpack', 'do not use a squashfs')
  return addStoreOptions(addWhichOptions(command)).action(
    async (name: string, folder: string, flags: StoreFlags & WhichFlags & { unpack?: boolean }) => {
      const { mountImage } = await import('../../../store/mount.ts')
      const { warn } = await import('../../run-pour.ts')
      await withStore(flags, (store) => mountImage(store, name, folder, { ...flags, warn }))
    },
  )
}

export function unmountCommand(): Command {
  const command = new Command('unmount').alias('umount').description('take a mounted image away').argument('<folder>')
  return addStoreOptions(command).action(async (folder: string, flags: StoreFlags) => {
    const { unmountImage } = await import('../../../store/mount.ts')
    await withStore(flags, (store) => unmountImage(store, folder))
  })
}
