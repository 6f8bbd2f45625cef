import type { DatabaseSync } from 'node:sqlite'
import { Command, Option } from 'commander'
import type { Architecture } from '../../../image/platform.ts'
import type { Condition } from '../../../store/catalog/condition.ts'
import type { ListFormat, ListOptions } from '../../image-list/render.ts'
import { architectureOption } from '../../options.ts'
import { print } from '../../print.ts'
import { addStoreOptions, type StoreFlags } from '../../with-store.ts'

interface Flags extends StoreFlags {
  readonly columns?: string
  readonly format: ListFormat
  readonly public?: boolean
  readonly architecture?: Architecture
  readonly type?: 'container' | 'virtual-machine'
  readonly sort?: string
  readonly reverse?: boolean
  readonly all?: boolean
}

export function listCommand(): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list images; terms narrow it down: part of an alias or fingerprint, or key=regular expression')
    .argument('[term...]', 'os=debian, architecture=arm64, release=(12|13) …: all must fit')
    .option(
      '-c, --columns <letters>',
      'columns, as lxc’s: lLfFpdatsu, and o c x r U k S (format, created, expires, used …)',
    )
    .addOption(
      new Option('--format <format>', 'how to print')
        .choices(['table', 'compact', 'csv', 'json', 'yaml'])
        .default('table'),
    )
    .option('--public', 'only public images')
    .option('--arch, --architecture <name>', 'only those of an architecture', architectureOption)
    .addOption(new Option('--type <type>', 'only those of a type').choices(['container', 'virtual-machine']))
    .option('--sort <letter>', 'sort by a column')
    .option('--reverse', 'last first')
    .option('--all', 'also images that have expired')
  return addStoreOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  ingot image list os=debian
  ingot image list lab -c lfsx --sort s --reverse
  ingot image list --format json | jq -r '.[].fingerprint'`,
    )
    .action(async (terms: readonly string[], flags: Flags) => {
      const { allOf, always, unexpired } = await import('../../../store/catalog/condition.ts')
      const { listSetting } = await import('../../../store/catalog/list.ts')
      const { matching } = await import('../../image-list/filter.ts')
      const { quickList } = await import('../../image-list/quick-list.ts')
      const { expiringSoon } = await import('../../image-list/expiring.ts')
      const { defaultHome } = await import('../../../host/home.ts')
      const { readCatalog } = await import('../../../store/catalog/read.ts')
      const { format, columns, sort: sortBy, reverse, public: isPublic, architecture, type } = flags
      const options: ListOptions = { format, columns, sortBy, reverse }
      const asked = matching(terms, { public: isPublic, architecture, type })
      await readCatalog(flags.home ?? defaultHome(), async (database) => {
        const now = Date.now() / 1000
        const keep = flags.all || listSetting(database, 'images.expired') === 'keep'
        const which = allOf([keep ? always : unexpired(now), asked])
        print(quickList(database, which, options) ?? (await fullList(database, which, options)))
        const days = Number(listSetting(database, 'images.expiry_warning') ?? 7)
        for (const line of expiringSoon(database, which, now, days)) process.stderr.write(`warning: ${line}\n`)
      })
    })
}

async function fullList(database: DatabaseSync, which: Condition, options: ListOptions): Promise<string> {
  const { listImages } = await import('../../../store/catalog/list.ts')
  const { renderImages } = await import('../../image-list/render.ts')
  return await renderImages(listImages(database, which), options)
}
