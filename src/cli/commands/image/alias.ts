import { Command } from 'commander'
import { jsonOption } from '../../options.ts'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

interface CreateFlags extends StoreFlags, WhichFlags {
  readonly description?: string
  readonly replace?: boolean
}

/** `ingot image alias …`, as lxc has it; an alias stands for one image of each architecture. */
export function aliasCommand(): Command {
  const command = new Command('alias').description('names of images')
  const create = command
    .command('create')
    .description('give an image one more name')
    .argument('<alias>')
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .option('--description <text>', 'what it is for')
    .option('--replace', 'move it when another image has it')
  addStoreOptions(addWhichOptions(create)).action(async (alias: string, image: string, flags: CreateFlags) => {
    const { createAlias } = await import('../../../store/aliases.ts')
    await withStore(flags, (store) => createAlias(store, alias, image, flags))
  })

  const remove = command
    .command('delete')
    .alias('rm')
    .description('take a name away; the image stays')
    .argument('<alias>')
  addStoreOptions(addWhichOptions(remove)).action(async (alias: string, flags: StoreFlags & WhichFlags) => {
    const { deleteAlias } = await import('../../../store/aliases.ts')
    await withStore(flags, (store) => deleteAlias(store, alias, flags))
  })

  const rename = command.command('rename').description('change a name').argument('<alias>').argument('<new-name>')
  addStoreOptions(rename).action(async (from: string, to: string, flags: StoreFlags) => {
    const { renameAlias } = await import('../../../store/aliases.ts')
    await withStore(flags, (store) => renameAlias(store, from, to))
  })

  const list = command
    .command('list')
    .alias('ls')
    .description('list names')
    .argument('[text]', 'only those with this in their name, or their image’s fingerprint')
    .addOption(jsonOption)
  addStoreOptions(list).action(async (text: string | undefined, flags: StoreFlags & { format: 'table' | 'json' }) => {
    const { listAliases } = await import('../../../store/aliases.ts')
    const { renderTable } = await import('../../text.ts')
    await withStore(flags, async (store) => {
      const aliases = await listAliases(await store.catalog(), text)
      if (flags.format === 'json') return void process.stdout.write(`${JSON.stringify(aliases, null, 2)}\n`)
      const rows = aliases.map((a) => [
        a.name,
        a.fingerprint.slice(0, 12),
        a.type.toUpperCase(),
        a.architecture,
        a.description,
      ])
      process.stdout.write(renderTable(['ALIAS', 'FINGERPRINT', 'TYPE', 'ARCHITECTURE', 'DESCRIPTION'], rows))
    })
  })
  return command
}
