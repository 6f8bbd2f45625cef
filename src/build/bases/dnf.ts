import { copyFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { requireTool } from '../../host/tools.ts'
import { hostArchitecture } from '../../image/platform.ts'
import type { DnfBase } from '../../recipe/bases/dnf.ts'
import { fileDigest } from '../cache/content.ts'
import { dnfFiles, withPool } from '../package-pool.ts'
import { makeFolder } from '../root/make-folder.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { sharedInside as inside, runHostProgram } from '../sandbox/host-program.ts'
import { databaseInside, settleDatabase } from './dnf/database.ts'
import { metadataDate } from './dnf/metadata-date.ts'
import { formatRepositories, keyFiles, repositoriesOf } from './dnf/repositories.ts'
import type { BaseBuilder, BaseContext } from './types.ts'

const root = `${inside}/root`

/** A root of RPM packages, by `dnf --installroot`. */
export const dnfBase: BaseBuilder<DnfBase> = {
  title: ({ distribution, release, packages }) => `dnf ${distribution}/${release}: ${packages.join(', ')}`,
  programs: ['dnf'],

  /** How new the repositories are does not count: a base is used until it is made anew on request. */
  async identity(base, { recipeFolder, home, architecture }) {
    const files = [await requireTool('dnf'), ...keyFiles(repositoriesOf(base, recipeFolder))]
    const digests = await Promise.all(files.map(async (file) => await fileDigest(file, home.digests)))
    return [...digests, architecture ?? hostArchitecture()]
  },

  /**
   * dnf runs over the same lists of packages three times: first it only fetches them, so that their date is known; then it installs what
   * /dev and /proc belong to, which cannot be while something is mounted there; then the rest, whose programs need both.
   */
  async fill(base, context) {
    const shared = await prepare(base, context)
    const what = `the packages of ${base.distribution}/${base.release}`
    const onLine = (line: string) => context.log.emit({ type: 'output', line })
    const dnf = async (epoch: number | undefined, words: readonly string[], inRoot?: string) => {
      const command = ['dnf', ...options(base, context), ...words]
      const env = { HOME: inside } // .rpmmacros
      await runHostProgram({ command, epoch, shared, env, what, onLine, ...(inRoot !== undefined && { root: inRoot }) })
    }
    const epoch = await withPool(context.home.packages, dnfFiles, join(shared, 'cache'), async () => {
      await dnf(context.epoch, ['makecache'])
      const ceiling = context.epoch ?? (await metadataDate(join(shared, 'cache')))
      await dnf(ceiling, ['--setopt=strict=0', 'install', 'filesystem'])
      for (const folder of ['dev', 'proc']) await makeFolder(join(shared, 'root', folder))
      await dnf(ceiling, ['install', ...base.packages], root)
      return ceiling
    })
    await forget(join(shared, 'root'))
    await rename(join(shared, 'root'), context.root)
    return { epoch }
  },
}

async function prepare(base: DnfBase, context: BaseContext): Promise<string> {
  const shared = join(context.work, 'dnf')
  for (const folder of ['root', 'cache', 'repositories', 'vars', 'keys', 'state']) {
    await makeFolder(join(shared, folder))
  }
  const repositories = repositoriesOf(base, context.recipeFolder)
  const files = keyFiles(repositories)
  for (const [index, file] of files.entries()) await copyFile(file, join(shared, 'keys', String(index)))
  const text = formatRepositories(repositories, (file) => `${inside}/keys/${files.indexOf(file)}`)
  await writeFile(join(shared, 'repositories', 'ingot.repo'), text)
  await writeFile(join(shared, 'dnf.conf'), '[main]\n')
  await writeFile(join(shared, '.rpmmacros'), `%_dbpath ${databaseInside}\n`)
  return shared
}

function options({ distribution, release }: DnfBase, { architecture }: BaseContext): readonly string[] {
  const other = architecture !== undefined && architecture !== hostArchitecture()
  const settings = {
    reposdir: `${inside}/repositories`,
    varsdir: `${inside}/vars`,
    cachedir: `${inside}/cache`,
    persistdir: `${inside}/state`,
    keepcache: '1',
    install_weak_deps: '0',
    best: '1',
    ...(distribution === 'fedora' && { module_platform_id: `platform:f${release}` }),
  }
  return [
    ...['--assumeyes', `--config=${inside}/dnf.conf`, `--installroot=${root}`, `--releasever=${release}`],
    '--disableplugin=*',
    ...Object.entries(settings).map(([name, value]) => `--setopt=${name}=${value}`),
    ...(other ? [`--forcearch=${architecture}`] : []),
  ]
}

/** Takes away what dnf writes about its own work, with the time at which it did it, and puts the database where the image looks for it. */
async function forget(path: string): Promise<void> {
  const inRoot = [`.${inside}/cache`, `.${inside}/state`] // some of dnf's folders are the root's, whatever it is told
  for (const folder of [...inRoot, 'var/lib/dnf', 'var/cache/dnf', 'var/cache/libdnf5', 'usr/lib/sysimage/libdnf5']) {
    await removeTree(resolveInRoot(path, folder))
  }
  const logs = resolveInRoot(path, 'var/log')
  for (const name of await readdir(logs).catch(() => [])) {
    if (/^(dnf|hawkey|yum)/.test(name)) await removeTree(join(logs, name))
  }
  await settleDatabase(path)
}
