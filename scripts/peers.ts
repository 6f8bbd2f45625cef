import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { runStep } from './run.ts'

/** Programs the tests drive, with the Debian package of each. */
const packages: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  mksquashfs: 'squashfs-tools',
  sqfs2tar: 'squashfs-tools-ng',
  bwrap: 'bubblewrap',
  xz: 'xz-utils',
  bzip2: 'bzip2',
  zstd: 'zstd',
  pigz: 'pigz',
  lxd: 'lxd',
  lxc: 'lxd-client',
  lxcfs: 'lxcfs',
  dnsmasq: 'dnsmasq-base',
  dockerd: 'docker.io',
  podman: 'podman',
  buildah: 'buildah',
  crun: 'crun',
  runc: 'runc',
  skopeo: 'skopeo',
  umoci: 'umoci',
  'lxc-usernsexec': 'lxc',
  newuidmap: 'uidmap',
  setfacl: 'acl',
  getfattr: 'attr',
  setcap: 'libcap2-bin',
  dnf: 'dnf',
  pacman: 'pacman-package-manager',
  makepkg: 'makepkg',
  rpmbuild: 'rpm',
  createrepo_c: 'createrepo-c',
  gpg: 'gpg',
  gpgconf: 'gpgconf',
  'gpg-agent': 'gpg-agent',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  augtool: 'augeas-tools',
}

/**
 * Installs the programs that are missing, where this is Debian or a relative and we are root; the tests then must all run.
 * Elsewhere it says what is missing, and tests of missing peers are skipped with that reason.
 */
export function installPeers(): void {
  const missing = Object.keys(packages).filter((name) => !onPath(name))
  if (missing.length === 0) {
    process.env.INGOT_REQUIRE_PEERS = '1'
    return
  }
  const names = [...new Set(missing.map((name) => packages[name]!))]
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    process.stdout.write(`Missing for the whole of the tests: ${missing.join(', ')}.\n`)
    process.stdout.write(
      `Debian and Ubuntu have them in: sudo apt-get install --no-install-recommends ${names.join(' ')}\n`,
    )
    process.stdout.write('Tests that need them, or root, are skipped and say so.\n')
    return
  }
  process.env.DEBIAN_FRONTEND = 'noninteractive'
  const update = runStep('package lists', 'apt-get', ['update', '-q'])
  const install = runStep('packages of the peers', 'apt-get', [
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    ...names,
  ])
  if (update !== 0 || install !== 0) process.stdout.write(`could not install: ${names.join(', ')}\n`)
  process.env.INGOT_REQUIRE_PEERS = '1'
}

function onPath(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return (
    folders.some((folder) => existsSync(`${folder}/${name}`)) ||
    spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
  )
}
