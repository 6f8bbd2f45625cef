import { chmodSync, existsSync, lstatSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { requireTool } from '../../host/tools.ts'
import type { LayerStack } from '../cache/layer-stack.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { hostAptProxies } from './apt-proxy.ts'
import { fillLoan } from './borrowed.ts'
import { buildEnvironment, hostName, sandboxFiles } from './environment.ts'
import { runNamespace } from './namespace.ts'
import { createSecrets } from './secrets.ts'
import { talk } from './talk.ts'

export interface SandboxRun {
  /** The image's layers, shown to be changed. */
  readonly stack: LayerStack
  /** A folder outside the root for what the sandbox needs. */
  readonly work: string
  /** Program and arguments, as the image sees them. */
  readonly command: readonly string[]
  /** Files that the program finds in /run/ingot, by name, readable for everybody. */
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** None: the program is alone, on a loopback of its own. Default: the host's network. */
  readonly network?: 'host' | 'none'
  /** Files and folders of the host that the program finds in places of the image; nothing of them gets into it. */
  readonly binds?: readonly SandboxBind[]
  /** Contents of /run/secrets, by name; for the user of this number alone. They are taken out of what the program writes. */
  readonly secrets?: { readonly uid: number; readonly contents: Readonly<Record<string, Buffer>> }
  /** Absolute, inside the image. Default `/`. */
  readonly workdir?: string
  readonly epoch: number | undefined
  readonly onLine: (line: string) => void
  /** The program talks to the user: standard input, output and error are Ingot's own, and nothing goes to `onLine`. */
  readonly interactive?: boolean
}

export interface SandboxBind {
  /** On the host. */
  readonly source: string
  /** Absolute, inside the image. */
  readonly target: string
  readonly writable: boolean
}

/** What Docker leaves to the root of a container: enough for package managers, not enough to touch the host. */
const capabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'SETFCAP',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SYS_CHROOT',
  'MKNOD',
  'AUDIT_WRITE',
]

/** Comes before the arguments of bwrap. */
const bwrap = ['sh', '-c', 'umask 022; exec bwrap "$@"', 'bwrap'] as const

/**
 * Runs a program inside an image's root, with a fixed environment, umask, host name and time zone; its /dev, /proc and
 * /run are its own, its processes end with it, services do not start, and of the host it sees the network and /sys.
 * Afterwards the root holds what the program wrote and nothing of the sandbox's. Resolves to the exit status, which is
 * 128 + N when signal N ended the program. Throws 'missing-tool' and 'io'.
 */
export async function runInSandbox(job: SandboxRun): Promise<number> {
  await requireTool('bwrap')
  const aside = mkdtempSync(join(job.work, 'sandbox-'))
  const proxies = await hostAptProxies()
  const files = { ...job.files, ...(proxies !== '' && { 'apt.conf': proxies }) }
  const env = {
    ...buildEnvironment(job.epoch),
    ...(proxies !== '' && { APT_CONFIG: `${sandboxFiles}/apt.conf` }),
    ...job.env,
  }
  const binds = Object.entries(files).flatMap(([name, content]) => {
    const path = join(aside, `file-${name}`)
    writeFileSync(path, content)
    chmodSync(path, 0o644) // whatever the umask
    return ['--ro-bind', path, `${sandboxFiles}/${name}`]
  })
  const { root, lend } = job.stack
  const more = (job.binds ?? []).map((bind) => ({ ...bind, path: relative(root, resolveInRoot(root, bind.target)) }))
  const points = more.map(({ path, source }) => ({ path, kind: kindOf(source) }))
  const secrets = job.secrets && createSecrets(job.secrets, aside)
  try {
    return await lend(
      (loan) =>
        fillLoan(
          root,
          loan,
          points.filter(({ path }) => !/^(dev|proc|run)(\/|$)/.test(path)),
        ),
      async () => {
        const args = [
          ...mounts(root),
          ...binds,
          ...more.flatMap(({ source, path, writable }) => [writable ? '--bind' : '--ro-bind', source, `/${path}`]),
          ...(secrets ? ['--ro-bind', secrets.path, '/run/secrets'] : []),
          ...isolation(env, job),
          ...['--', ...job.command],
        ]
        if (job.interactive) return await talk([...bwrap, ...args], aside)
        const onLine = secrets ? (line: string) => job.onLine(secrets.hide(line)) : job.onLine
        return await runNamespace(['bwrap', ...args], onLine)
      },
    )
  } finally {
    secrets?.remove()
    await removeTree(aside)
  }
}

function kindOf(source: string): 'file' | 'directory' {
  return statSync(source).isDirectory() ? 'directory' : 'file'
}

function mounts(root: string): readonly string[] {
  const hasSys = lstatSync(join(root, 'sys'), { throwIfNoEntry: false })?.isDirectory() && existsSync('/sys')
  return [
    ...['--bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/run'],
    ...['--perms', '1777', '--dir', '/run/lock', '--perms', '0755', '--dir', sandboxFiles],
    ...(hasSys ? ['--ro-bind', '/sys', '/sys'] : []),
  ]
}

function isolation(
  env: Readonly<Record<string, string>>,
  { workdir = '/', network = 'host', interactive = false }: SandboxRun,
): readonly string[] {
  // Jobs of a shell need the terminal's session, and there it is a terminal of its own: see talk.
  const ownTerminal = interactive && process.stdin.isTTY
  return [
    ...(network === 'none' ? ['--unshare-net'] : []),
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--hostname', hostName],
    ...(ownTerminal ? [] : ['--new-session']),
    ...['--die-with-parent', '--cap-drop', 'ALL'],
    ...capabilities.flatMap((name) => ['--cap-add', `CAP_${name}`]),
    '--clearenv',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', workdir],
  ]
}
