import { readFileSync } from 'node:fs'
import { findTool, requireTool } from '../../../host/tools.ts'
import { inUserNamespace } from '../../../host/user-namespace.ts'
import { IngotError } from '../../../image/error.ts'
import { type DockerfileBase, engineNames } from '../../../recipe/bases/dockerfile.ts'
import type { BuildLog } from '../../log.ts'
import { exitStatus } from '../../sandbox/exit-status.ts'
import { runNamespace } from '../../sandbox/namespace.ts'

export type EngineName = (typeof engineNames)[number]

/** A program with the words that say these things to it. */
interface Engine {
  readonly program: string
  /** The words that build, in front of options that all have. */
  readonly build: readonly string[]
  /** Writes the image of a name into a file. */
  readonly save: (name: string, file: string) => readonly string[]
  /** How the file is read: the prefix of a reference. */
  readonly saved: 'oci-archive' | 'docker-archive'
  /** All exit with 0 where it can build. */
  readonly checks: readonly (readonly string[])[]
}

const docker = {
  program: 'docker',
  save: (name: string, file: string) => ['save', '--output', file, name],
  saved: 'docker-archive',
} as const

/** The first that can build is taken. */
export const engines: Readonly<Record<EngineName, Engine>> = {
  buildah: {
    program: 'buildah',
    build: ['build', '--layers', '--force-rm'],
    save: (name, file) => ['push', '--quiet', name, `oci-archive:${file}`],
    saved: 'oci-archive',
    checks: [],
  },
  buildx: {
    ...docker,
    build: ['buildx', 'build', '--load', '--progress=plain'],
    checks: [['version'], ['buildx', 'version']],
  },
  podman: {
    program: 'podman',
    build: ['build', '--layers', '--force-rm'],
    save: (name, file) => ['save', '--quiet', '--format=oci-archive', '--output', file, name],
    saved: 'oci-archive',
    checks: [],
  },
  docker: { ...docker, build: ['build', '--force-rm'], checks: [['version']] },
}

/** The engine that is wished for, or else the first one that can build. Throws 'missing-tool'. */
export async function chooseEngine(wanted: EngineName | undefined): Promise<EngineName> {
  if (wanted !== undefined) {
    const { program } = engines[wanted]
    await requireTool(program)
    const failure = await obstacle(wanted)
    if (failure === undefined) return wanted
    throw new IngotError('missing-tool', `${wanted} cannot build here: \`${program} ${failure.join(' ')}\` fails`)
  }
  for (const name of engineNames) {
    if ((await findTool(engines[name].program)) !== undefined && (await obstacle(name)) === undefined) return name
  }
  throw new IngotError('missing-tool', 'there is no engine to build a Dockerfile with: buildah, docker or podman', {
    hint: 'On Debian: apt-get install buildah. Of Docker the daemon must be running, and open to this user.',
  })
}

/** What the engine cannot do. */
async function obstacle(name: EngineName): Promise<readonly string[] | undefined> {
  const { program, checks } = engines[name]
  for (const check of checks) if ((await exitStatus(program, check, () => undefined)) !== 0) return check
  return undefined
}

export interface EngineBuild extends Pick<DockerfileBase, 'args' | 'target' | 'platform'> {
  /** Absolute, as is `context`. */
  readonly file: string
  readonly context: string
  /** Neither the engine's cache nor what it has of base images is good enough. */
  readonly anew: boolean
  /** The name that the image has in the engine meanwhile. */
  readonly name: string
  /** A folder for what the engine keeps beside its images while it works. */
  readonly work: string
}

/** The words after the engine's own that build. */
export function buildArguments({ file, context, args, target, platform, anew, name }: EngineBuild): readonly string[] {
  return [
    ...['--tag', name, '--file', file],
    ...Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`),
    ...(target === undefined ? [] : ['--target', target]),
    ...(platform === undefined ? [] : ['--platform', platform]),
    ...(anew ? ['--no-cache', '--pull'] : []),
    context,
  ]
}

/**
 * Builds, writes the image into `archive`, and takes its name from the engine again, which keeps nothing but what it fetched, and its cache
 * where that is not its images; a build that fails leaves there what one by the engine itself would. The engine works as its user has
 * set it up. Throws 'command-failed'.
 */
export async function buildWith(name: EngineName, build: EngineBuild, archive: string, log: BuildLog): Promise<void> {
  const engine = engines[name]
  const onLine = (line: string) => log.emit({ type: 'output', line })
  const tell = async (args: readonly string[]) =>
    await runNamespace([...alone, engine.program, ...args], onLine, engineEnvironment(build.work))
  const must = async (args: readonly string[]) => {
    const status = await tell(args)
    if (status === 0) return
    const hint = hintFor(engine, build)
    const message = `${engine.program} ${args[0]} failed with exit status ${status}`
    throw new IngotError('command-failed', message, { ...(hint !== '' && { hint }) })
  }
  await must([...engine.build, ...buildArguments(build)])
  try {
    await must(engine.save(build.name, archive))
  } finally {
    const status = await tell(['rmi', build.name])
    if (status !== 0) log.emit({ type: 'warning', message: `${engine.program} still has the image ${build.name}` })
  }
}

function hintFor({ program }: Engine, { anew }: EngineBuild): string {
  const local = 'A FROM that only the engine has cannot be fetched anew: --no-cache-from 1 leaves the base as it is.'
  const runtime = 'Its settings are its own: BUILDAH_ISOLATION=chroot, for one, builds without a container runtime.'
  return [anew && local, program !== 'docker' && runtime].filter(Boolean).join(' ')
}

/** All processes of a program end with it. bwrap would take setuid from programs in RUN. */
const alone = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] as const

/**
 * buildah and podman take root of a user namespace for root of the machine unless they made it themselves: these are the words in which
 * `buildah unshare` tells them.
 */
function engineEnvironment(work: string): Record<string, string> {
  if (!inUserNamespace()) return { TMPDIR: work }
  return {
    TMPDIR: work,
    _CONTAINERS_USERNS_CONFIGURED: 'done',
    _CONTAINERS_ROOTLESS_UID: outerId('/proc/self/uid_map'),
    _CONTAINERS_ROOTLESS_GID: outerId('/proc/self/gid_map'),
    BUILDAH_ISOLATION: process.env.BUILDAH_ISOLATION ?? 'rootless',
  }
}

/** Who root of this user namespace is outside (user_namespaces(7)): the first line is about 0. */
function outerId(map: string): string {
  return /^\s*0\s+(\d+)/m.exec(readFileSync(map, 'latin1'))?.[1] ?? '0'
}
