import { existsSync } from 'node:fs'
import { familyOf, parseOsRelease } from '../../../host/os-release.ts'
import { IngotError } from '../../../image/error.ts'
import { readInRoot } from '../../root/read.ts'
import { resolveInRoot } from '../../root/resolve.ts'
import { apk } from './apk.ts'
import { apt } from './apt.ts'
import { dnf } from './dnf.ts'
import { pacman } from './pacman.ts'
import type { PackageManager } from './types.ts'
import { zypper } from './zypper.ts'

const managers: readonly PackageManager[] = [apt, dnf, zypper, pacman, apk]

/** The package manager of a root: where it has several, that of its distribution. Throws 'unsupported' when it has none. */
export function managerOf(root: string): PackageManager {
  const found = managers.filter(({ program }) => existsSync(resolveInRoot(root, program)))
  const manager = found.length > 1 ? (found.find(({ family }) => family === familyOfRoot(root)) ?? found[0]) : found[0]
  if (manager !== undefined) return manager
  throw new IngotError('unsupported', 'there is no package manager in the image that Ingot knows', {
    hint: `It knows ${managers.map(({ name }) => name).join(', ')}; for another one use a run step.`,
  })
}

function familyOfRoot(root: string) {
  const said = readInRoot(root, 'etc/os-release') ?? readInRoot(root, 'usr/lib/os-release')
  return said && familyOf(parseOsRelease(said.toString()))
}
