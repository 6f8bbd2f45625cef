import { Command, Option } from 'commander'
import type { Architecture } from '../../../image/platform.ts'
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
      const { expireBetween, findByProperties, listBriefly, listImages, listSetting } = await import(
        '../../../store/catalog/list.ts'
      )
      const { areBriefTerms, asksProperties, filterImages, propertySearch } = await import('../../image-list/filter.ts')
      const { quickTable } = await import('../../image-list/quick-table.ts')
      const { isBriefList, renderImages } = await import('../../image-list/render.ts')
      const { defaultHome } = await import('../../../host/home.ts')
      const { readCatalog } = await import('../../../store/catalog/read.ts')
      const { format, columns, sort, reverse } = flags
      const options: ListOptions = {
        format,
        ...(columns === undefined ? {} : { columns }),
        ...(sort === undefined ? {} : { sortBy: sort }),
        ...(reverse ? { reverse } : {}),
      }
      const brief = areBriefTerms(terms) && isBriefList(options)
      await readCatalog(flags.home ?? defaultHome(), async (database) => {
        const now = Date.now() / 1000
        const keep = flags.all || listSetting(database, 'images.expired') === 'keep'
        const days = Number(listSetting(database, 'images.expiry_warning') ?? 7)
        const isUsual =
          format === 'table' &&
          [columns, sort, reverse, flags.public, flags.architecture, flags.type].every((given) => given === undefined)
        const search = isUsual ? propertySearch(terms) : undefined
        if (search && !expireBetween(database, now, now + days * 86_400)) {
          const ids = terms.length === 0 ? undefined : findByProperties(database, search.values, search.matches)
          const table = quickTable(database, { now: keep ? undefined : now, ids })
          if (table !== undefined) return print(table)
        }
        const all = brief ? listBriefly(database, asksProperties(terms) ? 'all' : 'description') : listImages(database)
        const shown = keep ? all : all.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
        const images = filterImages(shown, terms, {
          ...(flags.public ? { public: true } : {}),
          ...(flags.architecture ? { architecture: flags.architecture } : {}),
          ...(flags.type ? { type: flags.type } : {}),
        })
        print(await renderImages(images, options))
        const { expiringSoon } = await import('../../image-list/expiring.ts')
        for (const line of expiringSoon(images, now, days)) process.stderr.write(`warning: ${line}\n`)
      })
    })
}
