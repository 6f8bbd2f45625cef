import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeTree } from '../../host/remove-tree.ts'
import { run } from '../../host/run.ts'
import { requireTool } from '../../host/tools.ts'
import { inUserNamespace } from '../../host/user-namespace.ts'
import { IngotError, messageOf } from '../../image/error.ts'
import type { RecipeTest } from '../../recipe/tests.ts'
import { everyStatus, exitStatus } from '../sandbox/exit-status.ts'

type BootTest = Extract<RecipeTest, { kind: 'boot' }>['value']

/**
 * Starts a root as a system container by liblxc, without a network, waits until systemd says what is expected, and runs the scripts in
 * it. What is wrong; undefined when all is as it must be. The container ends with this, and with Ingot, whichever way that ends.
 * Throws 'missing-tool', and 'unsupported' for an ordinary user.
 */
export async function testBoot(
  test: BootTest,
  root: string,
  work: string,
  onLine: (line: string) => void,
): Promise<string | undefined> {
  await requireTool('lxc-start')
  if (inUserNamespace())
    throw new IngotError('unsupported', 'a boot test needs root: containers of liblxc want cgroups')
  const folder = join(work, 'boot')
  await mkdir(folder)
  const config = join(folder, 'config')
  await writeFile(config, configOf(root))
  const container = ['-n', `ingot-${randomBytes(6).toString('hex')}`, '-P', folder]
  // The container's first process dies with lxc-start (lxc_set_death_signal), and that with Ingot.
  const start = ['--pdeathsig', 'KILL', '--', 'lxc-start', ...container, '-f', config, '-F']
  let ended: string | undefined
  const running = run('setpriv', start, { onLine, keep: false }).then(
    () => {
      ended = 'it stopped by itself'
    },
    (error: unknown) => {
      ended = `it did not start: ${messageOf(error)}`
    },
  )
  try {
    return await lookInside(test, container, onLine, () => ended)
  } finally {
    await run('lxc-stop', [...container, '--kill'], { accept: [1, 2] })
    await running
    await removeTree(folder)
  }
}

async function lookInside(
  { expect, within, run: scripts }: BootTest,
  container: readonly string[],
  onLine: (line: string) => void,
  ended: () => string | undefined,
): Promise<string | undefined> {
  const attach = (...command: string[]) => ['--clear-env', ...container, '--', ...command]
  const deadline = Date.now() + within * 1000
  for (let state = ''; state !== expect; await sleep(200)) {
    const end = ended()
    if (end !== undefined) return end
    if (Date.now() > deadline) {
      await exitStatus('lxc-attach', attach('systemctl', '--failed', '--no-legend', '--plain'), onLine)
      return `after ${within} s it is ${JSON.stringify(state || 'not there')}, not ${expect}`
    }
    const { stdout } = await run('lxc-attach', attach('systemctl', 'is-system-running'), { accept: everyStatus })
    state = stdout.trim()
    if (expect === 'running' && state === 'degraded') {
      await exitStatus('lxc-attach', attach('systemctl', '--failed', '--no-legend', '--plain'), onLine)
      return 'it is degraded: some units failed; the log names them'
    }
  }
  for (const script of scripts) {
    const status = await exitStatus('lxc-attach', attach('/bin/sh', '-e', '-c', script), onLine)
    if (status !== 0) return `${JSON.stringify(script)} ended with exit status ${status}`
  }
  return undefined
}

function configOf(root: string): string {
  return `lxc.include = /usr/share/lxc/config/common.conf
lxc.rootfs.path = dir:${root}
lxc.uts.name = ingot
lxc.net.0.type = empty
lxc.init.cmd = /sbin/init
lxc.tty.max = 0
lxc.autodev = 1
`
}
