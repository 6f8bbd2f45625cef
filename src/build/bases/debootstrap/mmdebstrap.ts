import { IngotError } from '../../../image/error.ts'
import { buildEnvironment, hostName } from '../../sandbox/environment.ts'
import { exitStatus } from '../../sandbox/exit-status.ts'

export interface Mmdebstrap {
  readonly args: readonly string[]
  /** SOURCE_DATE_EPOCH. */
  readonly epoch: number | undefined
  /** A folder of the host that mmdebstrap and its hooks see as `sharedInside`. */
  readonly shared: string
  /** For the error: `the bootstrap of debian/bookworm`. */
  readonly what: string
  readonly onLine: (line: string) => void
}

/** mmdebstrap's /tmp, so that whatever it leaves there goes with the work folder. */
export const sharedInside = '/tmp'

/**
 * Runs mmdebstrap in process and mount namespaces of its own, so that all its processes and mounts end with Ingot,
 * whichever way that ends, and in the fixed environment, because maintainer scripts see it. Throws 'command-failed'.
 */
export async function mmdebstrap({ args, epoch, shared, what, onLine }: Mmdebstrap): Promise<void> {
  const env = { ...buildEnvironment(epoch), TMPDIR: sharedInside }
  const sandbox = [
    ...['--dev-bind', '/', '/', '--bind', shared, sharedInside, '--proc', '/proc'],
    ...[
      '--unshare-pid',
      '--unshare-ipc',
      '--unshare-uts',
      '--hostname',
      hostName,
      '--die-with-parent',
      '--new-session',
    ],
    '--clearenv',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
  ]
  const status = await exitStatus('bwrap', [...sandbox, '--', 'mmdebstrap', ...args], onLine)
  if (status !== 0) throw new IngotError('command-failed', `${what} failed with exit status ${status}`)
}
