import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { IngotError } from '../../../image/error.ts'
import type { DnfBase, RpmRepository } from '../../../recipe/bases/dnf.ts'

/** The repositories of a base, keys as URLs or absolute files. Throws 'missing-tool' where a distribution's key is not here. */
export function repositoriesOf(base: DnfBase, recipeFolder: string): readonly RpmRepository[] {
  if (base.repositories === undefined) return fedora(base.release)
  return base.repositories.map((repository) => {
    const { gpgkey } = repository
    return gpgkey === undefined || isUrl(gpgkey) ? repository : { ...repository, gpgkey: resolve(recipeFolder, gpgkey) }
  })
}

/** Files of keys, whose content counts. */
export function keyFiles(repositories: readonly RpmRepository[]): readonly string[] {
  return repositories.flatMap(({ gpgkey }) => (gpgkey === undefined || isUrl(gpgkey) ? [] : [gpgkey]))
}

/** As a file of dnf's (dnf.conf(5)). `keyPath`: where dnf finds a key's file. */
export function formatRepositories(repositories: readonly RpmRepository[], keyPath: (file: string) => string): string {
  return repositories
    .map(({ id, from, gpgkey }) => {
      const key = gpgkey === undefined || isUrl(gpgkey) ? gpgkey : `file://${keyPath(gpgkey)}`
      const source = Object.entries(from).map(([word, url]) => `${word}=${url}`)
      const check = key === undefined ? ['gpgcheck=0'] : ['gpgcheck=1', `gpgkey=${key}`]
      return [`[${id}]`, `name=${id}`, ...source, 'enabled=1', 'skip_if_unavailable=0', ...check, ''].join('\n')
    })
    .join('\n')
}

function fedora(release: string): readonly RpmRepository[] {
  const gpgkey = `/usr/share/distribution-gpg-keys/fedora/RPM-GPG-KEY-fedora-${release}-primary`
  if (!existsSync(gpgkey)) {
    throw new IngotError('missing-tool', `the key of Fedora ${release} is not here: there is no ${gpgkey}`, {
      hint: 'It is in the package distribution-gpg-keys; or name `repositories`, each with the gpgkey that you trust.',
    })
  }
  const metalink = 'https://mirrors.fedoraproject.org/metalink?arch=$basearch&repo='
  return [
    { id: 'fedora', from: { metalink: `${metalink}fedora-$releasever` }, gpgkey },
    { id: 'updates', from: { metalink: `${metalink}updates-released-f$releasever` }, gpgkey },
  ]
}

function isUrl(key: string): boolean {
  return /^[a-z]+:\/\//.test(key)
}
