import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { IngotError } from '../image/error.ts'
import { distribution, type Family } from './os-release.ts'

export { distribution }

/** A program of the host that Ingot starts. */
export interface Tool {
  readonly name: string
  /** What it does for Ingot. */
  readonly purpose: string
  /** What does not work without it. */
  readonly neededFor: string
  /** The package that has it; families whose own repositories do not have it are left out. */
  readonly packages: Readonly<Partial<Record<Family, string>>>
  /** Few need it: doctor tells of it, and does not install it. */
  readonly optional?: true
}

const squashfsToolsNg = {
  debian: 'squashfs-tools-ng',
  fedora: 'squashfs-tools-ng',
  alpine: 'squashfs-tools-ng',
  suse: 'squashfs-tools-ng',
}

/** Every program that Ingot may start, one row each. */
export const tools: readonly Tool[] = [
  {
    name: 'mmdebstrap',
    purpose: 'bootstraps Debian and Ubuntu root file systems',
    neededFor: 'building from debootstrap: bases',
    packages: { debian: 'mmdebstrap', fedora: 'mmdebstrap' },
  },
  {
    name: 'setcap',
    purpose: 'sets file capabilities',
    neededFor: 'capabilities steps of recipes',
    packages: {
      debian: 'libcap2-bin',
      fedora: 'libcap',
      arch: 'libcap',
      alpine: 'libcap-setcap',
      suse: 'libcap-progs',
    },
  },
  {
    name: 'sqfs2tar',
    purpose: 'turns a squashfs into a tar stream without unpacking it',
    neededFor: 'reading LXD images with a squashfs',
    packages: squashfsToolsNg,
  },
  {
    name: 'tar2sqfs',
    purpose: 'turns a tar stream into a squashfs',
    neededFor: 'writing LXD images with a squashfs',
    packages: squashfsToolsNg,
  },
  {
    name: 'xz',
    purpose: 'compresses and decompresses .xz and .lzma',
    neededFor: 'reading and writing images compressed with xz or lzma',
    packages: { debian: 'xz-utils', fedora: 'xz', arch: 'xz', alpine: 'xz', suse: 'xz' },
  },
  {
    name: 'bzip2',
    purpose: 'decompresses .bz2',
    neededFor: 'reading images compressed with bzip2',
    packages: { debian: 'bzip2', fedora: 'bzip2', arch: 'bzip2', alpine: 'bzip2', suse: 'bzip2' },
  },
  {
    name: 'bwrap',
    purpose: 'runs build steps in a sandbox',
    neededFor: 'running build steps',
    packages: {
      debian: 'bubblewrap',
      fedora: 'bubblewrap',
      arch: 'bubblewrap',
      alpine: 'bubblewrap',
      suse: 'bubblewrap',
    },
  },
  {
    name: 'augtool',
    purpose: 'changes configuration files of many formats',
    neededFor: 'augeas steps of recipes',
    packages: { debian: 'augeas-tools', fedora: 'augeas', arch: 'augeas', alpine: 'augeas', suse: 'augeas' },
    optional: true,
  },
  {
    name: 'lxc-start',
    purpose: 'starts an image as a system container',
    neededFor: 'boot tests of recipes',
    packages: { debian: 'lxc', fedora: 'lxc', arch: 'lxc', alpine: 'lxc', suse: 'lxc' },
    optional: true,
  },
  {
    name: 'script',
    purpose: 'gives a program a terminal of its own',
    neededFor: 'ingot build --shell-on-failure',
    packages: {
      debian: 'bsdutils',
      fedora: 'util-linux',
      arch: 'util-linux',
      alpine: 'util-linux-misc',
      suse: 'util-linux',
    },
    optional: true,
  },
  {
    name: 'buildah',
    purpose: 'builds Dockerfiles',
    neededFor: 'building from dockerfile: bases (podman or docker do as well)',
    packages: { debian: 'buildah', fedora: 'buildah', arch: 'buildah', alpine: 'buildah', suse: 'buildah' },
    optional: true,
  },
  {
    name: 'podman',
    purpose: 'builds Dockerfiles',
    neededFor: 'building from dockerfile: bases with podman',
    packages: { debian: 'podman', fedora: 'podman', arch: 'podman', alpine: 'podman', suse: 'podman' },
    optional: true,
  },
  {
    name: 'docker',
    purpose: 'builds Dockerfiles',
    neededFor: 'building from dockerfile: bases with Docker',
    packages: { debian: 'docker.io', fedora: 'moby-engine', arch: 'docker', alpine: 'docker', suse: 'docker' },
    optional: true,
  },
  {
    name: 'dnf',
    purpose: 'installs RPM packages',
    neededFor: 'building from dnf: bases',
    packages: { debian: 'dnf', fedora: 'dnf', suse: 'dnf' },
    optional: true,
  },
  {
    name: 'pacman',
    purpose: 'installs packages of Arch Linux',
    neededFor: 'building from pacstrap: bases',
    packages: { debian: 'pacman-package-manager', fedora: 'pacman', arch: 'pacman' },
    optional: true,
  },
  {
    name: 'makepkg',
    purpose: 'has what pacman-key is made of', // Debian's pacman-package-manager only recommends it
    neededFor: 'building from pacstrap: bases with signatures',
    packages: { debian: 'makepkg', fedora: 'pacman', arch: 'pacman' },
    optional: true,
  },
  {
    name: 'blkid',
    purpose: 'tells which file system a device has',
    neededFor: 'building from block: bases',
    packages: { debian: 'util-linux', fedora: 'util-linux', arch: 'util-linux', alpine: 'blkid', suse: 'util-linux' },
  },
  {
    name: 'lvchange',
    purpose: 'makes logical volumes readable',
    neededFor: 'building from block: bases that are logical volumes',
    packages: { debian: 'lvm2', fedora: 'lvm2', arch: 'lvm2', alpine: 'lvm2', suse: 'lvm2' },
    optional: true,
  },
  {
    name: 'newuidmap',
    purpose: 'gives an ordinary user a range of ids',
    neededFor: 'building as an ordinary user',
    packages: {
      debian: 'uidmap',
      fedora: 'shadow-utils',
      arch: 'shadow',
      alpine: 'shadow-uidmap',
      suse: 'shadow',
    },
  },
]

const installers: Readonly<Record<Family, readonly string[]>> = {
  debian: ['apt-get', 'install', '-y', '--no-install-recommends'],
  fedora: ['dnf', 'install', '-y'],
  arch: ['pacman', '-S', '--noconfirm', '--needed'],
  alpine: ['apk', 'add'],
  suse: ['zypper', '--non-interactive', 'install'],
}

/** `$PATH` with the folders of system programs, which the PATH of ordinary users often lacks. */
export function searchPath(): string {
  const folders = (process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter(Boolean)
  return [...new Set([...folders, '/usr/sbin', '/sbin'])].join(delimiter)
}

/** The path of a program on the search path, or undefined. A name with a `/` is looked at as it is. */
export async function findTool(name: string): Promise<string | undefined> {
  const candidates = name.includes('/')
    ? [name]
    : searchPath()
        .split(delimiter)
        .map((folder) => join(folder, name))
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate
  return undefined
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false // what cannot be looked at cannot be run either
  }
}

/** As findTool, but throws 'missing-tool' with this distribution's package and how to install it. */
export async function requireTool(name: string): Promise<string> {
  const found = await findTool(name)
  if (found !== undefined) return found
  const tool = tools.find((row) => row.name === name)
  const why = tool ? `; it is needed for ${tool.neededFor}` : ''
  throw new IngotError('missing-tool', `the program ${name} is not installed${why}`, { hint: installHint(name) })
}

function installHint(name: string): string {
  const here = distribution()
  const command = installCommand(
    tools.filter((tool) => tool.name === name),
    here.family,
  )
  if (command.length === 0) return `Install ${name} and make sure that it is in PATH.`
  return `On ${here.name}: ${command.join(' ')} (or let \`ingot doctor --install\` do it).`
}

/**
 * The command that installs the packages of these tools, for a family (default: this machine's). Empty when the
 * family is not known or has none of them in its own repositories. Needs root to run.
 */
export function installCommand(
  missing: readonly Tool[],
  family: Family | undefined = distribution().family,
): readonly string[] {
  if (family === undefined) return []
  const packages = missing.map((tool) => tool.packages[family]).filter((name) => name !== undefined)
  return packages.length === 0 ? [] : [...installers[family], ...new Set(packages)]
}
