import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDaemon } from './daemon.ts'
import { type ExecOptions, exec, output } from './exec.ts'
import { peerFolder } from './peer-folder.ts'

export interface Dockerd {
  /** Free for the test's own files; it goes with the daemon. */
  readonly folder: string
  /** The environment in which the client finds this daemon. */
  readonly env: NodeJS.ProcessEnv
  /** Runs the `docker` client against this daemon and returns what it prints. */
  docker(args: readonly string[], options?: ExecOptions): Promise<string>
  /** `docker run --rm` on the host's network; returns what the command prints. */
  run(image: string, command: readonly string[], options?: ExecOptions): Promise<string>
  /** Removes its containers, stops the daemon, and removes all of it. */
  stop(): Promise<void>
}

/** A private Docker daemon with its own folders, socket and containerd, without a bridge or rules of iptables. */
export async function startDockerd(): Promise<Dockerd> {
  const home = peerFolder('docker')
  const folder = join(home.path, 'files')
  const at = (name: string) => join(home.path, name)
  const env = { ...home.env, DOCKER_CONFIG: at('config'), DOCKER_HOST: `unix://${at('sock')}`, DOCKER_BUILDKIT: '0' } // there is no buildx
  const docker = (args: readonly string[], options: ExecOptions = {}) => output('docker', args, { env, ...options })
  const flags = {
    bridge: 'none',
    iptables: 'false',
    'storage-driver': 'overlay2',
    'default-ulimit': 'nofile=1024:1024',
    'data-root': at('data'),
    'exec-root': at('exec'),
    pidfile: at('pid'),
    host: env.DOCKER_HOST,
    'config-file': at('daemon.json'), // not the host's
  }
  try {
    for (const path of [folder, env.DOCKER_CONFIG]) mkdirSync(path)
    writeFileSync(at('daemon.json'), '{}')
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
    const daemon = await startDaemon('dockerd', args, {
      env,
      log: at('log'),
      timeout: 60_000,
      ready: async () => (await exec('docker', ['version'], { env })).code === 0,
    })
    return {
      folder,
      env,
      docker,
      run: (image, command, options) => docker(['run', '--rm', '--network', 'host', image, ...command], options),
      async stop() {
        try {
          const containers = (await docker(['ps', '-aq'])).split('\n').filter(Boolean)
          if (containers.length > 0) await docker(['rm', '-f', ...containers])
          await daemon.stop('SIGTERM', 15_000)
        } finally {
          await home.remove()
        }
      },
    }
  } catch (error) {
    await home.remove()
    throw error
  }
}
