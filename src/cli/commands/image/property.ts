import { Command } from 'commander'
import type { StoreFlags } from '../../with-store.ts'
import { addStoreOptions, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

type Flags = StoreFlags & WhichFlags

export function setPropertyCommand(): Command {
  const command = new Command('set-property')
    .description('set a property of an image')
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .argument('<key>')
    .argument('<value>')
  return addStoreOptions(addWhichOptions(command)).action(
    async (name: string, key: string, value: string, flags: Flags) => await change(name, { [key]: value }, flags),
  )
}

export function unsetPropertyCommand(): Command {
  const command = new Command('unset-property')
    .description('take a property of an image away')
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .argument('<key>')
  return addStoreOptions(addWhichOptions(command)).action(
    async (name: string, key: string, flags: Flags) => await change(name, { [key]: undefined }, flags),
  )
}

export function getPropertyCommand(): Command {
  const command = new Command('get-property')
    .description('print a property of an image')
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .argument('<key>')
  return addStoreOptions(addWhichOptions(command)).action(async (name: string, key: string, flags: Flags) => {
    const { findImage } = await import('../../../store/find.ts')
    const { IngotError } = await import('../../../image/error.ts')
    await withStore(flags, async (store) => {
      const { record } = await findImage(await store.catalog(), name, flags)
      const value = record.properties[key]
      if (value === undefined) throw new IngotError('not-found', `the image ${name} has no property ${key}`)
      process.stdout.write(`${value}\n`)
    })
  })
}

async function change(
  name: string,
  changes: Readonly<Record<string, string | undefined>>,
  flags: Flags,
): Promise<void> {
  const { findImage } = await import('../../../store/find.ts')
  const { changeProperties } = await import('../../../store/changes.ts')
  await withStore(flags, (store) =>
    store.exclusively(async (catalog) => {
      const { id } = await findImage(catalog, name, flags)
      await changeProperties(catalog, id, changes)
    }),
  )
}
