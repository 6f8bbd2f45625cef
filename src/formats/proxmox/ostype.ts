import type { TreeFindings } from '../tree-watch.ts'

/** Values of ID that PVE takes for an ostype, by themselves or by another name (PVE::LXC::Setup). */
const known = new Set([
  'alpine',
  'archlinux',
  'centos',
  'debian',
  'devuan',
  'fedora',
  'gentoo',
  'nixos',
  'openeuler',
  'opensuse',
  'ubuntu',
  'unmanaged',
])
const aliases: ReadonlyMap<string, string> = new Map([
  ['arch', 'archlinux'],
  ['opensuse-leap', 'opensuse'],
  ['opensuse-tumbleweed', 'opensuse'],
  ['opensuse-slowroll', 'opensuse'],
  ['sles', 'opensuse'],
  ['openEuler', 'openeuler'],
  ['rocky', 'centos'],
  ['almalinux', 'centos'],
])

/** Files that PVE looks for when it does not know the ID, in its order. */
const signs: readonly (readonly [path: string, ostype: string])[] = [
  ['etc/debian_version', 'debian'],
  ['etc/devuan_version', 'devuan'],
  ['etc/SuSE-brand', 'opensuse'],
  ['etc/SuSE-release', 'opensuse'],
  ['etc/fedora-release', 'fedora'],
  ['etc/centos-release', 'centos'],
  ['etc/redhat-release', 'centos'],
  ['etc/arch-release', 'archlinux'],
  ['etc/alpine-release', 'alpine'],
  ['etc/gentoo-release', 'gentoo'],
  ['nix/store', 'nixos'],
  ['etc/openEuler-release', 'openeuler'],
]

/** The paths that `pveOstype` wants to know of. */
export const ostypePaths: readonly string[] = signs.map(([path]) => path)

/** What Proxmox VE takes a tree for; undefined where it refuses to guess, or can only guess `unmanaged`. */
export function pveOstype(tree: TreeFindings): string | undefined {
  const release = tree.text('etc/os-release') ?? tree.text('usr/lib/os-release')
  const id = release === undefined ? undefined : pveId(release)
  if (id !== undefined && known.has(id)) return id
  const alias = id === undefined ? undefined : aliases.get(id)
  if (alias) return alias
  if (/^DISTRIB_ID=Ubuntu\b/im.test(tree.text('etc/lsb-release') ?? '')) return 'ubuntu'
  return signs.find(([path]) => tree.has(path))?.[1]
}

/** ID as PVE's parser sees it: a value without quotes ends at the first character that is no letter or digit. */
function pveId(osRelease: string): string | undefined {
  for (const line of osRelease.split('\n')) {
    const match = /^ID=(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9]*))/.exec(line)
    if (match) return match[1] ?? match[2] ?? match[3]
  }
  return undefined
}
