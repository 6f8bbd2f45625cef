import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

export function infoCommand(): Command {
  const command = new Command('info')
    .description('tell all about an image')
    .argument('<image>', 'alias, or beginning of a fingerprint')
  return addStoreOptions(addWhichOptions(command)).action(async (name: string, flags: StoreFlags & WhichFlags) => {
    const { findImage } = await import('../../../store/find.ts')
    const { renderInfo } = await import('../../image-list/info.ts')
    await withStore(flags, async (store) => {
      const { record } = await findImage(await store.catalog(), name, flags)
      process.stdout.write(renderInfo(record, Date.now() / 1000))
    })
  })
}

export function showCommand(): Command {
  const command = new Command('show')
    .description('print an image as YAML, with all that is known of it')
    .argument('<image>', 'alias, or beginning of a fingerprint')
  return addStoreOptions(addWhichOptions(command)).action(async (name: string, flags: StoreFlags & WhichFlags) => {
    const { findImage } = await import('../../../store/find.ts')
    const { imageObject } = await import('../../image-list/image-object.ts')
    const { stringify } = await import('yaml')
    await withStore(flags, async (store) => {
      const { record } = await findImage(await store.catalog(), name, flags)
      process.stdout.write(stringify(imageObject(record)))
    })
  })
}
