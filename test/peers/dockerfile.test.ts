import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeTinyRoot } from '../../src/build/test-root.ts'
import { ingot } from '../support/ingot.ts'
import { giveTo, makeOrdinaryUser, type OrdinaryUser } from '../support/ordinary-user.ts'
import { ownFolder } from '../support/store.ts'
import { type Dockerd, startDockerd } from './support/docker.ts'
import { exec } from './support/exec.ts'
import { peers } from './support/peer.ts'
import { type Podman, startPodman } from './support/podman.ts'

// Dockerfiles as bases, built by the real engines, with what they leave in them.

const here = peers('root', 'buildah', 'podman', 'dockerd', 'docker', 'runc', 'skopeo', 'bwrap')
beforeEach(here.check)

let podman: Podman
let dockerd: Dockerd
beforeAll(async () => {
  if (here.missing) return
  podman = startPodman()
  dockerd = await startDockerd()
})
afterAll(async () => {
  await podman?.stop()
  await dockerd?.stop()
})

const dockerfile = `
FROM scratch AS first
ADD root.tar /
ENV A=b
RUN mkdir -p /srv/one && echo 1 > /srv/one/file
FROM first AS second
ARG WHO=nobody
COPY hello /srv/hello
RUN unlink /srv/one/file && echo $WHO > /srv/who
CMD ["/bin/sh"]
`

function prepare(name: string, from: string, more = ''): string {
  const folder = ownFolder(name)
  chmodSync(folder, 0o755)
  const context = join(folder, 'context')
  mkdirSync(context)
  const root = join(folder, 'tiny')
  mkdirSync(root)
  makeTinyRoot(root)
  execFileSync('tar', ['-C', root, '-cf', join(context, 'root.tar'), '.'])
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  writeFileSync(join(context, '.dockerignore'), 'ignored\n')
  writeFileSync(join(context, 'hello'), 'hello')
  writeFileSync(join(folder, 'ingot.yaml'), `name: of-dockerfile\nfrom: ${from}\nclean: none\n${more}`)
  return folder
}

interface Config {
  readonly config: { readonly Env: readonly string[]; readonly Cmd: readonly string[] }
  readonly history: readonly { readonly created_by: string; readonly empty_layer?: boolean }[]
  readonly rootfs: { readonly diff_ids: readonly string[] }
}

async function build(
  folder: string,
  env: NodeJS.ProcessEnv,
  as?: OrdinaryUser,
): Promise<{ said: string; config: Config }> {
  const out = join(folder, 'out')
  const flags = ['--home', join(folder, 'home'), '-o', out, '--to', 'oci', '--force']
  const { status, stderr } = await ingot(['build', join(folder, 'ingot.yaml'), ...flags], {
    env: { ...(env as Record<string, string>), BUILDAH_ISOLATION: 'chroot' },
    as,
  })
  expect(status, stderr).toBe(0)
  const { stdout } = await exec('skopeo', ['inspect', '--config', `oci:${join(out, 'of-dockerfile.oci')}`])
  return { said: stderr, config: JSON.parse(stdout) as Config }
}

/** What made each layer. */
function makers({ history }: Config): readonly string[] {
  return history.filter((entry) => !entry.empty_layer).map((entry) => entry.created_by)
}

const layers = [/ADD .* in \//, /mkdir -p \/srv\/one/, /COPY .*\/srv\/hello/, /unlink \/srv\/one\/file/]
const steps = `steps:\n  - run: test "$(cat /srv/who /srv/hello)$A" = "$(printf 'lab\\nhellob')" && echo 2 > /srv/two\n`

async function left(engine: string): Promise<readonly string[]> {
  if (engine === 'docker') {
    return [await dockerd.docker(['images', '-q']), await dockerd.docker(['ps', '-aq'])]
  }
  return [await podman.podman(['images', '-aq']), await podman.buildah(['containers', '-q'])]
}

describe.for(['buildah', 'podman', 'docker'])('%s', (engine) => {
  test('the layers are those of the Dockerfile, and nothing stays in the engine', async () => {
    const from = `{ dockerfile: context/Dockerfile, args: { WHO: lab }, engine: ${engine} }`
    const { said, config } = await build(prepare(engine, from, steps), engine === 'docker' ? dockerd.env : podman.env)
    expect(said).toContain(`built by ${engine}`)
    const made = makers(config)
    expect(made).toHaveLength(5)
    for (const [index, pattern] of layers.entries()) expect(made[index]).toMatch(pattern)
    expect(made[4]).toMatch(/^run: test/)
    expect(config.rootfs.diff_ids).toHaveLength(5)
    expect(config.config.Env).toContain('A=b')
    expect(config.config.Cmd).toEqual(['/bin/sh'])
    expect(await left(engine)).toEqual(['', ''])
  })
})

test('its layers are byte for byte those that the engine makes', async () => {
  const folder = prepare('same', 'dockerfile:context/Dockerfile')
  const name = 'localhost/mine:1'
  await podman.buildah(['build', '--layers', '--isolation', 'chroot', '-t', name, join(folder, 'context')])
  const { config } = await build(folder, podman.env)
  const { stdout } = await exec('buildah', ['inspect', '--type', 'image', name], { env: podman.env })
  const own = (JSON.parse(stdout) as { OCIv1: Config }).OCIv1.rootfs.diff_ids
  expect(config.rootfs.diff_ids).toEqual(own)
  expect(await podman.podman(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toBe(name) // somebody else's name stays
  await podman.buildah(['rmi', name])
})

test('what an engine would see of a change does the base again, and nothing else', async () => {
  const folder = prepare('again', '{ dockerfile: context/Dockerfile, target: first }')
  const at = (name: string) => join(folder, 'context', name)
  const again = async () => !/done before|nothing has changed/.test((await build(folder, podman.env)).said)
  expect(await again()).toBe(true)
  expect(await again()).toBe(false)
  writeFileSync(at('ignored'), 'x')
  expect(await again()).toBe(false)
  writeFileSync(at('hello'), 'hello')
  expect(await again()).toBe(false)
  chmodSync(at('hello'), 0o600)
  expect(await again()).toBe(true)
  writeFileSync(at('new'), '')
  expect(await again()).toBe(true)
  writeFileSync(at('.dockerignore'), '')
  expect(await again()).toBe(true)
  writeFileSync(at('Dockerfile'), `${dockerfile}LABEL a=b\n`)
  expect(await again()).toBe(true)
})

test('of a Dockerfile that fails it is told what it said, and no container stays', async () => {
  const folder = prepare('fails', 'dockerfile:context/Dockerfile')
  writeFileSync(join(folder, 'context', 'Dockerfile'), `${dockerfile}RUN echo so it is; cat /nowhere\n`)
  const env = { ...(podman.env as Record<string, string>), BUILDAH_ISOLATION: 'chroot' }
  const args = ['build', join(folder, 'ingot.yaml'), '--home', join(folder, 'home')]
  const { status, stderr } = await ingot(args, { env })
  expect(status).not.toBe(0)
  expect(stderr).toMatch(/from \(dockerfile context\/Dockerfile\): buildah build failed/)
  expect(stderr).toContain('so it is')
  expect(await podman.buildah(['containers', '-q'])).toBe('')
})

/** buildah writes to /var/tmp, which is not everywhere open to ordinary users: where it is not, this one gets another. */
function ordinaryUser(): OrdinaryUser | string {
  const made = makeOrdinaryUser()
  if (typeof made === 'string') return made
  const [program, ...words] = [...made.prefix, 'test', '-w', '/var/tmp']
  if (spawnSync(program!, words).status === 0) return made
  const open = 'mount -t tmpfs -o mode=1777 none /var/tmp && exec "$@"'
  return { ...made, prefix: ['unshare', '--mount', 'sh', '-c', open, 'sh', ...made.prefix] }
}

const user = here.missing ?? ordinaryUser()
const why = typeof user === 'string' ? user : undefined

describe.skipIf(why)(`an ordinary user${why ? ` (skipped: ${why})` : ''}`, () => {
  test('builds with buildah in the storage of the user’s own', async () => {
    const as = user as OrdinaryUser
    const folder = prepare('rootless', '{ dockerfile: context/Dockerfile, args: { WHO: lab }, engine: buildah }', steps)
    for (const name of ['home', 'user', 'runtime']) mkdirSync(join(folder, name))
    const storage = `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/user/root"\nrunroot = "${folder}/runtime/root"\n`
    writeFileSync(join(folder, 'storage.conf'), storage)
    giveTo(as, folder)
    const own = { HOME: join(folder, 'user'), XDG_RUNTIME_DIR: join(folder, 'runtime') }
    const env = { ...own, CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf') }
    const { config } = await build(folder, env, as)
    expect(makers(config)).toHaveLength(5)
    const buildah = ['unshare', '--user', '--map-auto', '--map-root-user', '--mount', 'buildah']
    const ask = async (...words: string[]) =>
      (await exec(as.prefix[0]!, [...as.prefix.slice(1), ...buildah, ...words], { env: { ...process.env, ...env } }))
        .stdout
    expect(await ask('images', '-aq')).toBe('')
    expect(await ask('containers', '-q')).toBe('')
  })
})
