import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExecOptions, exec, output } from './exec.ts'
import { peerFolder } from './peer-folder.ts'

export interface Podman {
  /** Free for the test's own files; it goes with the storage. */
  readonly folder: string
  /** The environment in which podman and buildah have this storage. */
  readonly env: NodeJS.ProcessEnv
  podman(args: readonly string[], options?: ExecOptions): Promise<string>
  /** `podman run --rm` on the host's network; returns what the command prints. */
  run(image: string, command: readonly string[], options?: ExecOptions): Promise<string>
  /** buildah on the same storage; builds need `--isolation chroot`. */
  buildah(args: readonly string[], options?: ExecOptions): Promise<string>
  /** Removes containers and all of the storage. */
  stop(): Promise<void>
}

/** podman and buildah with a storage of their own; there is no daemon. */
export function startPodman(): Podman {
  const home = peerFolder('podman')
  const at = (name: string) => join(home.path, name)
  const env = {
    ...home.env,
    HOME: at('home'),
    XDG_RUNTIME_DIR: at('runtime'),
    CONTAINERS_CONF: at('containers.conf'),
    CONTAINERS_STORAGE_CONF: at('storage.conf'),
  }
  const folder = at('files')
  for (const path of [folder, env.HOME, env.XDG_RUNTIME_DIR]) mkdirSync(path)
  writeFileSync(env.CONTAINERS_CONF, '[engine]\nlock_type = "file"\n') // not the locks in shared memory of the host's own
  writeFileSync(env.CONTAINERS_STORAGE_CONF, storageConf(at('root'), at('runroot')))
  // crun does not take the mixed cgroups of Debian containers' hosts.
  const flags = ['--tmpdir', at('tmp'), '--runtime', 'runc', '--cgroup-manager', 'cgroupfs']
  const podman = (args: readonly string[], options: ExecOptions = {}) =>
    output('podman', [...flags, '--events-backend', 'file', ...args], { env, ...options })
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000']
  return {
    folder,
    env,
    podman,
    run: (image, command, options) =>
      podman(['run', '--rm', '--network', 'host', ...limits, image, ...command], options),
    buildah: (args, options = {}) => output('buildah', args, { env, ...options }),
    async stop() {
      try {
        await exec('podman', [...flags, 'rm', '--all', '--force', '--time', '0'], { env })
      } finally {
        await home.remove()
      }
    },
  }
}

function storageConf(root: string, runroot: string): string {
  return `[storage]\ndriver = "overlay"\ngraphroot = "${root}"\nrunroot = "${runroot}"\n`
}
