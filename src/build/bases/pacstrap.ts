import { existsSync } from 'node:fs'
import { copyFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { requireTool } from '../../host/tools.ts'
import { hostArchitecture } from '../../image/platform.ts'
import type { PacstrapBase } from '../../recipe/bases/pacstrap.ts'
import { fileDigest } from '../cache/content.ts'
import { pacmanFiles, withPool } from '../package-pool.ts'
import { makeFolder } from '../root/make-folder.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { sharedInside as inside, runHostProgram } from '../sandbox/host-program.ts'
import { newestPackage, setInstallDates } from './pacstrap/database.ts'
import { keyringOf, trustScript } from './pacstrap/keys.ts'
import type { BaseBuilder, BaseContext } from './types.ts'

const root = `${inside}/root`
const keys = `${inside}/gnupg`

/** A root of pacman's packages, as pacstrap makes it, but without anything of the host's. */
export const pacstrapBase: BaseBuilder<PacstrapBase> = {
  programs: ['pacman'],
  title: ({ distribution, snapshot, packages }) =>
    `pacstrap ${distribution}${snapshot === undefined ? '' : ` of ${snapshot}`}: ${packages.join(', ')}`,

  /** How new the repositories are does not count: a base is used until it is made anew on request. */
  async identity(base, { recipeFolder, home, architecture }) {
    const keyring = keyringOf(base, recipeFolder)
    const files = [await requireTool('pacman'), ...(keyring === undefined ? [] : [keyring])]
    const digests = await Promise.all(files.map(async (file) => await fileDigest(file, home.digests)))
    return [...digests, architecture ?? hostArchitecture()]
  },

  async fill(base, context) {
    const shared = await prepare(base, context)
    const what = `the packages of ${base.distribution}`
    const onLine = (line: string) => context.log.emit({ type: 'output', line })
    const tell = async (command: readonly string[], epoch = context.epoch) =>
      await runHostProgram({ command, epoch, shared, root, what, onLine })
    if (base.signatures) {
      await requireTool('makepkg')
      const own = base.keyring === undefined ? undefined : `${inside}/keyring`
      await tell(['sh', '-ec', trustScript(keys, own)])
    }
    await tell(['pacman', ...options, '--sync', '--refresh'])
    const path = join(shared, 'root')
    const epoch = context.epoch ?? (await newestPackage(path))
    const install = ['pacman', ...options, '--sync', '--needed', ...base.packages]
    await withPool(context.home.packages, pacmanFiles, join(shared, 'packages'), () => tell(install, epoch))
    await settle(path, base, epoch)
    await rename(path, context.root)
    return { epoch }
  },
}

const options = [
  ...['--noconfirm', '--noprogressbar', '--config', `${inside}/pacman.conf`, '--root', root],
  ...[
    '--gpgdir',
    keys,
    '--cachedir',
    `${inside}/packages`,
    '--logfile',
    '/dev/null',
    '--hookdir',
    `${root}/etc/pacman.d/hooks`,
  ],
]

async function prepare(base: PacstrapBase, { work, recipeFolder, architecture }: BaseContext): Promise<string> {
  const shared = join(work, 'pacstrap')
  const inRoot = ['root', 'root/dev', 'root/proc', 'root/var', 'root/var/lib', 'root/var/lib/pacman']
  for (const folder of ['packages', 'gnupg', ...inRoot]) await makeFolder(join(shared, folder))
  if (base.keyring !== undefined) await copyFile(keyringOf(base, recipeFolder) ?? base.keyring, join(shared, 'keyring'))
  const lines = [
    '[options]',
    `Architecture = ${architecture ?? hostArchitecture()}`,
    `SigLevel = ${base.signatures ? 'Required DatabaseOptional' : 'Never'}`,
    ...base.repositories.flatMap((name) => [`[${name}]`, `Server = ${mirrorOf(base)}`]),
  ]
  await writeFile(join(shared, 'pacman.conf'), `${lines.join('\n')}\n`)
  return shared
}

function mirrorOf({ mirror, snapshot }: PacstrapBase): string {
  if (mirror !== undefined) return mirror
  if (snapshot === undefined) return 'https://geo.mirror.pkgbuild.com/$repo/os/$arch'
  return `https://archive.archlinux.org/repos/${snapshot.replaceAll('-', '/')}/$repo/os/$arch`
}

/** Takes away lists that grow old and times of the host, and tells pacman of the image where its packages came from. */
async function settle(path: string, base: PacstrapBase, epoch: number): Promise<void> {
  await removeTree(resolveInRoot(path, 'var/lib/pacman/sync'))
  setInstallDates(path, epoch)
  const mirrors = resolveInRoot(path, 'etc/pacman.d/mirrorlist')
  if (existsSync(mirrors)) await writeFile(mirrors, `Server = ${mirrorOf(base)}\n`)
}
