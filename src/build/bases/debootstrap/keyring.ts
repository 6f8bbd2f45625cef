import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { IngotError } from '../../../image/error.ts'
import type { DebianLike, DebootstrapBase } from '../../../recipe/bases/debootstrap.ts'

/** The keys that distributions sign their archives with, and the packages that have them. */
const keyrings: Readonly<Record<DebianLike, { readonly file: string; readonly packages: string }>> = {
  debian: {
    file: '/usr/share/keyrings/debian-archive-keyring.gpg',
    packages: 'debian-archive-keyring',
  },
  ubuntu: {
    file: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    packages: 'ubuntu-archive-keyring (on Ubuntu and Arch: ubuntu-keyring)',
  },
  devuan: {
    file: '/usr/share/keyrings/devuan-archive-keyring.gpg',
    packages: 'devuan-keyring, from Devuan’s archive',
  },
}

/**
 * The keyring that the archive is checked with: the recipe's, or the distribution's as the host has it. Undefined: what apt of the host
 * trusts, for Debian. Throws 'missing-tool' where that cannot be enough.
 */
export function keyringOf(base: DebootstrapBase, recipeFolder: string): string | undefined {
  if (base.keyring !== undefined) return resolve(recipeFolder, base.keyring)
  const { file, packages } = keyrings[base.distribution]
  if (base.distribution === 'debian') return base.snapshot !== undefined && existsSync(file) ? file : undefined
  if (existsSync(file)) return file
  throw new IngotError('missing-tool', `the keys of ${base.distribution}'s archive are not here: there is no ${file}`, {
    hint: `They are in the package ${packages}; or name a file that has them with \`keyring\`.`,
  })
}
