import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { IngotError } from '../../../image/error.ts'
import type { PacstrapBase } from '../../../recipe/bases/pacstrap.ts'

/** Where the packages that have Arch Linux's keys put them: Arch's own, and Debian's. */
const folders = ['/usr/share/pacman/keyrings', '/usr/share/keyrings']

/** The file of the keys that are trusted, for the base's identity; undefined where none are asked. Throws 'missing-tool'. */
export function keyringOf(base: PacstrapBase, recipeFolder: string): string | undefined {
  if (!base.signatures) return undefined
  if (base.keyring !== undefined) return resolve(recipeFolder, base.keyring)
  const file = folders.map((folder) => `${folder}/archlinux.gpg`).find((path) => existsSync(path))
  if (file !== undefined) return file
  throw new IngotError(
    'missing-tool',
    `the keys of Arch Linux are not here: there is no archlinux.gpg in ${folders.join(' or ')}`,
    {
      hint: 'They are in the package archlinux-keyring; or name a file that has them with `keyring`.',
    },
  )
}

/**
 * A shell script that makes pacman's own keyring in `gpgdir`: those keys of `own` are trusted, all of them, or else those of Arch Linux as
 * its developers vouch for each other (pacman-key(8)).
 */
export function trustScript(gpgdir: string, own: string | undefined): string {
  const tell = `pacman-key --gpgdir ${gpgdir}`
  if (own === undefined) return `${tell} --init && ${tell} --populate archlinux`
  const list = `gpg --homedir ${gpgdir} --show-keys --with-colons ${own}`
  const primary = `sed -n '/^pub:/{n;s/^fpr:*\\([0-9A-F]*\\):*$/\\1/p}'`
  return `${tell} --init && ${tell} --add ${own} && for key in $(${list} | ${primary}); do ${tell} --lsign-key $key; done`
}
