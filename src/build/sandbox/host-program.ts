import { requireTool } from '../../host/tools.ts'
import { IngotError } from '../../image/error.ts'
import { buildEnvironment, hostName } from './environment.ts'
import { runNamespace } from './namespace.ts'

export interface HostProgram {
  /** Program and arguments. */
  readonly command: readonly string[]
  /** SOURCE_DATE_EPOCH. */
  readonly epoch: number | undefined
  /** A folder of the host that the program sees as `sharedInside`. */
  readonly shared: string
  /** A root tree, as the program sees it, whose own programs need /dev and /proc. */
  readonly root?: string
  readonly env?: Readonly<Record<string, string>>
  /** For the error: `the bootstrap of debian/bookworm`. */
  readonly what: string
  readonly onLine: (line: string) => void
}

/** The program's /tmp, so that whatever it leaves there goes with the work folder. */
export const sharedInside = '/tmp'

/**
 * Runs a program of the host that fills a root, in process and mount namespaces of its own, so that all its processes and mounts end with
 * Ingot, whichever way that ends, and in the fixed environment, because what packages run sees it. Throws 'missing-tool' and 'command-failed'.
 */
export async function runHostProgram(program: HostProgram): Promise<void> {
  const { command, epoch, shared, root, what, onLine } = program
  await requireTool('bwrap')
  await requireTool(command[0]!)
  const env = { ...buildEnvironment(epoch), TMPDIR: sharedInside, ...program.env }
  const sandbox = [
    ...['--dev-bind', '/', '/', '--bind', shared, sharedInside, '--proc', '/proc'],
    ...(root === undefined ? [] : ['--dev', `${root}/dev`, '--proc', `${root}/proc`]),
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
  const status = await runNamespace(['bwrap', ...sandbox, '--', ...command], onLine)
  if (status !== 0) throw new IngotError('command-failed', `${what} failed with exit status ${status}`)
}
