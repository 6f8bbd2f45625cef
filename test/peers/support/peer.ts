import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The Debian packages of the programs that these tests drive. */
const packages: Readonly<Record<string, string>> = {
  lxd: 'lxd',
  lxc: 'lxd-client',
  dockerd: 'docker.io',
  docker: 'docker.io',
  podman: 'podman',
  buildah: 'buildah',
  runc: 'runc',
  skopeo: 'skopeo',
  bwrap: 'bubblewrap',
  mmdebstrap: 'mmdebstrap',
  setfacl: 'acl',
  setfattr: 'attr',
  setcap: 'libcap2-bin',
  zstd: 'zstd',
  sqfs2tar: 'squashfs-tools-ng',
  mksquashfs: 'squashfs-tools',
}

export interface Peers {
  /** Why tests with these peers cannot run here; undefined when they can. */
  readonly missing: string | undefined
  /**
   * For beforeEach: skips the test with the reason where a peer is missing. With INGOT_REQUIRE_PEERS=1 (our CI has
   * them all) a missing peer is a failure instead.
   */
  check(context: { skip(reason: string): void }): void
}

/** Looks for programs that tests need; `root` among the names asks for the right to run them. */
export function peers(...names: readonly string[]): Peers {
  const reasons = names.map(reasonMissing).filter((reason) => reason !== undefined)
  const missing = reasons.length === 0 ? undefined : reasons.join('; ')
  if (missing && process.env.INGOT_REQUIRE_PEERS === '1') throw new Error(`INGOT_REQUIRE_PEERS=1, but ${missing}`)
  return {
    missing,
    check(context) {
      if (missing) context.skip(missing)
    },
  }
}

function reasonMissing(name: string): string | undefined {
  if (name === 'root') return process.getuid?.() === 0 ? undefined : 'it needs root'
  if (programPath(name)) return undefined
  return `${name} is not installed (Debian package ${packages[name] ?? name})`
}

/** The path of a program in PATH or the folders of system programs, or undefined. */
function programPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
