import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, startDaemon } from './daemon.ts'
import { type ExecOptions, output } from './exec.ts'
import { peerFolder } from './peer-folder.ts'

export interface Lxd {
  /** Free for the test's own files; it goes with the daemon. */
  readonly folder: string
  /** Runs the `lxc` client against this daemon and returns what it prints. */
  lxc(args: readonly string[], options?: ExecOptions): Promise<string>
  /** Runs a command in an instance, and returns what it prints. */
  run(instance: string, command: readonly string[], options?: ExecOptions): Promise<string>
  /** Waits until the instance's systemd has started everything; returns what `systemctl is-system-running` says then. */
  booted(instance: string): Promise<string>
  /** Stops its instances and the daemon, and removes all of it. */
  stop(): Promise<void>
}

/**
 * A private LXD daemon that shares nothing with another: its own folder, port, storage pool (dir) and client
 * configuration; instances have a root disk and no network.
 */
export async function startLxd(): Promise<Lxd> {
  const home = peerFolder('lxd')
  const folder = join(home.path, 'files')
  const env = {
    ...home.env,
    HOME: join(home.path, 'home'),
    LXD_DIR: join(home.path, 'var'),
    LXD_CONF: join(home.path, 'conf'),
  }
  const lxc = (args: readonly string[], options: ExecOptions = {}) => output('lxc', args, { env, ...options })
  try {
    for (const path of [folder, env.HOME, env.LXD_DIR, env.LXD_CONF]) mkdirSync(path)
    const daemon = await startDaemon('lxd', ['--group', 'root', '--logfile', join(home.path, 'lxd.log')], {
      env,
      log: join(home.path, 'output.log'),
      timeout: 60_000,
      ready: async () => (await lxc(['query', '/1.0'])).includes('"api_status"'),
    })
    await lxc(['config', 'set', 'core.https_address', `127.0.0.1:${await freePort()}`])
    await lxc(['storage', 'create', 'default', 'dir'])
    await lxc(['profile', 'device', 'add', 'default', 'root', 'disk', 'path=/', 'pool=default'])
    const run: Lxd['run'] = (instance, command, options) => lxc(['exec', instance, '--', ...command], options)
    return {
      folder,
      lxc,
      run,
      booted: (instance) => untilBooted((command) => run(instance, command, { accept: [0, 1] })),
      async stop() {
        try {
          await lxc(['stop', '--all', '--force'])
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

async function untilBooted(run: (command: readonly string[]) => Promise<string>): Promise<string> {
  const end = Date.now() + 60_000
  for (;;) {
    const state = await run(['systemctl', 'is-system-running'])
    if ((state !== '' && !/^(initializing|starting|offline|unknown)$/.test(state)) || Date.now() > end) return state
    await sleep(200)
  }
}
