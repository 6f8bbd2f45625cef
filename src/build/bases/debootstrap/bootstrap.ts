import { chmod, copyFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ioError } from '../../../image/error.ts'
import type { DebootstrapBase } from '../../../recipe/bases/debootstrap.ts'
import { debFiles, withPool } from '../../package-pool.ts'
import { hostAptProxies } from '../../sandbox/apt-proxy.ts'
import { sharedInside as inside, runHostProgram } from '../../sandbox/host-program.ts'
import type { BaseContext } from '../types.ts'
import { archiveDate } from './archive-date.ts'
import { keyringOf } from './keyring.ts'
import { sourcesOf } from './sources.ts'

/** Shell text for mmdebstrap's hooks; `$1` is the root that it works on. */
const lendProxies = `if [ -s ${inside}/apt.conf ]; then cp ${inside}/apt.conf "$1/etc/apt/apt.conf.d/zz-ingot"; fi`
const takeProxiesBack = 'rm -f "$1/etc/apt/apt.conf.d/zz-ingot"'
const keepLists = `cp -a "$1/var/lib/apt/lists" "$1/var/cache/apt" ${inside}/apt/`
const reuseLists = `cp -a ${inside}/apt/lists "$1/var/lib/apt/" && cp -a ${inside}/apt/apt "$1/var/cache/"`
/** mmdebstrap copies both from the host; links that packages made of them stay. */
const forgetHost = 'for f in resolv.conf hostname; do [ -L "$1/etc/$f" ] || rm -f "$1/etc/$f"; done'

const fetchLists = [
  ...['--variant=custom', '--format=null', '--skip=chroot/mount,cleanup'],
  ...['--setup-hook=mkdir "$1/dev"', `--setup-hook=${lendProxies}`, `--customize-hook=${keepLists}`],
]
const debs = 'var/cache/apt/archives'
/** Packages of earlier bootstraps, and those of this one for later ones (mmdebstrap(1), "--skip"). */
const reusePackages = `mkdir -p "$1/${debs}" && find ${inside}/packages -name '*.deb' -exec cp -l -t "$1/${debs}" {} +`
const keepPackages = `find "$1/${debs}" -name '*.deb' -exec cp -l -f -t ${inside}/packages {} +`
const installHooks = [
  ...['--skip=download/empty,essential/unlink', `--setup-hook=${reusePackages}`, `--customize-hook=${keepPackages}`],
  ...[`--setup-hook=${lendProxies}`, `--setup-hook=${reuseLists}`],
  ...[`--customize-hook=${takeProxiesBack}`, `--customize-hook=${forgetHost}`],
]

/**
 * Bootstraps a base into the root, and returns its time ceiling in seconds since the epoch. mmdebstrap runs twice over the same package lists: the first time it
 * only fetches them (1.5 s), so that the date of the archive is known and can be the SOURCE_DATE_EPOCH of the second.
 */
export async function bootstrap(base: DebootstrapBase, architecture: string, context: BaseContext): Promise<number> {
  const keyring = keyringOf(base, context.recipeFolder)
  const shared = await prepareShared(keyring, context)
  const name = `${base.distribution}/${base.suite}`
  const common = { shared, onLine: (line: string) => context.log.emit({ type: 'output', line }) }
  const source = sourceArguments(base, architecture, keyring !== undefined)
  const mirror = sourcesOf(base, architecture)

  const fetch = ['mmdebstrap', ...fetchLists, ...source, base.suite, '-', ...mirror]
  await runHostProgram({
    ...common,
    command: fetch,
    epoch: context.epoch,
    what: `fetching the package lists of ${name}`,
  })
  const epoch = context.epoch ?? archiveDate(join(shared, 'apt', 'lists'))

  const include = base.packages.length > 0 ? [`--include=${base.packages.join(',')}`] : []
  const options = [`--variant=${base.variant}`, '--format=directory', ...include, ...installHooks, ...source]
  const install = ['mmdebstrap', ...options, base.suite, `${inside}/root`, ...mirror]
  const packages = join(shared, 'packages')
  const bootstrapped = { ...common, command: install, epoch, what: `the bootstrap of ${name}` }
  await withPool(context.home.packages, debFiles, packages, () => runHostProgram(bootstrapped))
  await rename(join(shared, 'root'), context.root)
  return epoch
}

async function prepareShared(keyring: string | undefined, context: BaseContext): Promise<string> {
  const shared = join(context.work, 'bootstrap')
  try {
    await mkdir(join(shared, 'apt'), { recursive: true })
    await chmod(shared, 0o1777) // apt fetches as a user of its own
    await writeFile(join(shared, 'apt.conf'), await hostAptProxies())
    await chmod(join(shared, 'apt.conf'), 0o644)
    if (keyring !== undefined) {
      await copyFile(keyring, join(shared, 'keyring.gpg'))
      await chmod(join(shared, 'keyring.gpg'), 0o644)
    }
  } catch (error) {
    throw ioError('prepare the bootstrap', error)
  }
  return shared
}

function sourceArguments(base: DebootstrapBase, architecture: string, hasKeyring: boolean): readonly string[] {
  return [
    '--mode=root',
    `--architectures=${architecture}`,
    `--components=${base.components.join(',')}`,
    ...(hasKeyring ? [`--keyring=${inside}/keyring.gpg`] : []),
  ]
}
