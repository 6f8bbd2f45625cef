import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Dockerd, startDockerd } from './support/docker.ts'
import { exec } from './support/exec.ts'
import { type Images, imagePeers, testImages } from './support/image.ts'
import { differences, ingot, inspect, written } from './support/ingot.ts'
import { peers } from './support/peer.ts'
import { tortureReport, tortureScript } from './support/torture.ts'

// A real Docker daemon loads and runs what Ingot writes, and Ingot reads what it builds and saves.

const here = peers('dockerd', 'docker', ...imagePeers)
let images: Images
let docker: Dockerd
const file = (name: string) => join(docker.folder, name)

beforeAll(async () => {
  if (here.missing) return
  images = await testImages()
  docker = await startDockerd()
})
afterAll(async () => await docker?.stop())
beforeEach(here.check)

async function load(path: string): Promise<string[]> {
  const said = await docker.docker(['load', '-i', path])
  return said.split('\n').flatMap((line) => /^Loaded image: (.*)$/.exec(line)?.[1] ?? [])
}

// Docker fills holes and drops xattrs that are empty.
const report = tortureReport('holes', 'user.empty=0x')

test.for(['gzip', 'none'])('docker loads, runs and saves an image of layers with %s', async (kind) => {
  const name = `ingot/app:${kind}`
  const flags = ['--to', 'docker', '--name', name, '--compression', kind, '-o', file(`${kind}.tar`)]
  await written(['convert', images.app, ...flags])
  expect(await load(file(`${kind}.tar`))).toEqual([name])
  expect(await docker.run(name, ['sh', '-c', tortureScript])).toBe(report)
  expect(await docker.run(name, ['stat', '-c', '%u:%g', '/srv/torture/big-ids'])).toBe('3000000000:2097157')

  await docker.docker(['save', '-o', file(`saved-${kind}.tar`), name])
  const saved = `docker-archive:${file(`saved-${kind}.tar`)}`
  expect((await inspect(saved)).names).toEqual([name])
  expect(await differences(images.app, saved, '--times')).toEqual([])
})

test('a whole Debian goes through docker unchanged', async () => {
  await written(['convert', images.system, '--to', 'docker', '--name', 'debian:ingot', '-o', file('debian.tar')])
  await load(file('debian.tar'))
  expect(await docker.run('debian:ingot', ['sh', '-c', '. /etc/os-release; echo $VERSION_CODENAME'])).toBe('bookworm')
  await docker.docker(['save', '-o', file('debian-saved.tar'), 'debian:ingot'])
  expect(await differences(images.system, file('debian-saved.tar'), '--times')).toEqual([])
  await docker.docker(['rmi', 'debian:ingot'])
})

test('the run configuration that pack writes is what docker runs', async () => {
  const flags = [
    '--entrypoint',
    '["/bin/sh","-c"]',
    '--cmd',
    '["echo $GREETING from $0"]',
    '--env',
    'GREETING=hello you',
  ]
  const out = ['--to', 'docker', '--name', 'ingot/run:1', '-o', file('run.tar')]
  await written(['pack', images.app, ...flags, '--stop-signal', 'SIGRTMIN+3', ...out])
  await load(file('run.tar'))
  expect(await docker.docker(['run', '--rm', '--network', 'host', 'ingot/run:1'])).toBe('hello you from /bin/sh')
  const [found] = JSON.parse(await docker.docker(['image', 'inspect', 'ingot/run:1']))
  expect(found).toMatchObject({ Architecture: 'amd64', Os: 'linux', Config: { StopSignal: 'SIGRTMIN+3' } })
})

test('docker loads two images of one file, with all names', async () => {
  const one = ['--to', 'docker', '--name', 'ingot/one:1', '-o', file('one.tar')]
  const two = ['--to', 'docker', '--name', 'ingot/two:1', 'ingot/two:also', '-o', file('two.tar')]
  await written(['pack', images.app, '--cmd', 'ls /one', ...one])
  await written(['pack', images.app, '--cmd', 'ls /two', ...two])
  await written(['convert', file('one.tar'), file('two.tar'), '--to', 'docker', '-o', file('both.tar')])
  expect((await load(file('both.tar'))).sort()).toEqual(['ingot/one:1', 'ingot/two:1', 'ingot/two:also'])
  const command = async (name: string) => await docker.docker(['image', 'inspect', '-f', '{{.Config.Cmd}}', name])
  expect(await command('ingot/one:1')).toBe('[ls /one]')
  expect(await command('ingot/two:also')).toBe('[ls /two]')

  await docker.docker(['save', '-o', file('both-saved.tar'), 'ingot/one:1', 'ingot/two:1'])
  for (const name of ['ingot/one:1', 'ingot/two:1']) {
    const saved = `docker-archive:${file('both-saved.tar')}:${name}`
    expect(await differences(images.app, saved, '--times')).toEqual([])
  }
})

/** A build that does to the lower layers all that layers can do. */
const dockerfile = `
FROM ingot/app:gzip
RUN mkdir -p /d/deep/er /opaque /replaced /later && echo 1 > /d/a && echo 2 > /d/b && echo 3 > /d/deep/er/c
RUN echo old > /opaque/old && echo old > /opaque/both && echo old > /replaced/old && mkdir /gone && echo x > /gone/x
RUN rm /d/a && rm -r /gone && rm -r /d/deep
RUN rm -r /opaque && mkdir -m 750 /opaque && echo new > /opaque/new && echo new > /opaque/both
RUN rm -r /replaced && echo file > /replaced && rm /d/b && mkdir /d/b && echo inside > /d/b/inside
RUN ln /srv/torture/first /srv/torture/fourth && ln /d/b/inside /d/linked
RUN echo changed > /srv/torture/second
RUN chmod 2711 /srv/torture/sticky && chown 12:34 /srv/torture/setuid && chmod 6755 /srv/torture/setuid
RUN chown 99999:88888 /srv/torture/acl && touch -d @1000000000.5 /srv/torture/time
RUN rm /srv/torture/third && rm -rf /srv/torture/0* && ln -s a/b /d/link && mkdir -p /gone/again && echo y > /gone/again/y
RUN mv /srv/torture/pipe /srv/torture/moved-pipe && rm /srv/torture/block && touch /srv/torture/.wx. /srv/torture/empty
RUN rm /d/link && mkdir /d/link && touch /d/link/.hidden && mv /d/link /d/moved && cp -a /srv/torture/acl /d/acl
RUN mknod /d/null c 1 3 && setcap cap_net_bind_service=+ep /usr/bin/cat && mv /usr/bin/find /usr/bin/found
ENV BUILT=yes
WORKDIR /d
CMD ["sh"]
`

/** `docker export` shows what a container of the image has; what docker itself puts there for running it is named here. */
const addedByDocker = [
  '.dockerenv',
  'dev/console',
  'dev/pts',
  'dev/shm',
  'etc/hostname',
  'etc/hosts',
  'etc/mtab',
  'etc/resolv.conf',
]

test('an image of many layers with deletions is flattened to what docker export shows', async () => {
  mkdirSync(file('context'))
  writeFileSync(file('context/Dockerfile'), dockerfile)
  await docker.docker(['build', '-q', '--network', 'host', '-t', 'ingot/built:1', file('context')])
  await docker.docker(['create', '--name', 'flat', 'ingot/built:1'])
  await docker.docker(['export', '-o', file('exported.tar'), 'flat'])
  await docker.docker(['save', '-o', file('built.tar'), 'ingot/built:1'])

  const description = await inspect(file('built.tar'))
  expect(description.layers.length).toBeGreaterThanOrEqual(14)
  expect(description.config).toMatchObject({ workdir: '/d', cmd: ['sh'] })
  expect(description.config.env).toContain('BUILT=yes')

  const members: string[] = []
  for (const name of (await exec('tar', ['-tf', file('built.tar')])).stdout.split('\n')) {
    if (name.endsWith('/layer.tar'))
      members.push(
        await exec('sh', ['-c', `tar -xOf ${file('built.tar')} ${name} | tar -t`]).then(({ stdout }) => stdout),
      )
  }
  expect(members.join()).toMatch(/^opaque\/\.wh\.\.wh\.\.opq$/m)
  expect(members.join()).toMatch(/^d\/\.wh\.a$/m)

  const rootfs = file('built.rootfs.tar')
  await ingot(['convert', file('built.tar'), '--to', 'rootfs', '--compression', 'none', '-o', rootfs])
  const added = addedByDocker.map((path) => `+ /${path}`)
  const different = await differences(rootfs, file('exported.tar'))
  // The only xattr that docker export knows is a capability; `acl` has lost its own when a layer was made of it.
  const lost = ['acl-default', 'xattr'].map((name) => `~ /srv/torture/${name}  xattrs`)
  expect(different.filter((line) => !added.includes(line))).toEqual(lost)

  // The same once more by other eyes than Ingot's: GNU tar's. docker export cuts times to seconds.
  const list = async (path: string) => {
    const { stdout } = await exec('tar', ['--numeric-owner', '--full-time', '-tvf', path], { encoding: 'latin1' })
    const entries = stdout
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [, mode, owner, time, name] = /^.(\S+) (\S+) .*? ?(\d{4}-\d\d-\d\d \S{8})\S* +(.*)$/.exec(line) ?? []
        return { mode, owner, time, name: name?.replace(/ (->|link to) .*$/, '').replace(/^\.\/|\/$/g, '') ?? line }
      })
    const changed = ['', 'dev', 'etc', ...addedByDocker]
    return entries.filter(({ name }) => !changed.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  const exported = await list(file('exported.tar'))
  expect(exported.length).toBeGreaterThan(80)
  expect(await list(rootfs)).toEqual(exported)
})

test('an image of many layers that Ingot passes on runs as the one that docker built', async () => {
  for (const kind of ['gzip', 'none']) {
    const flags = ['--to', 'docker', '--name', `ingot/passed:${kind}`, '--compression', kind]
    await written(['convert', file('built.tar'), ...flags, '-o', file(`passed-${kind}.tar`)])
    await load(file(`passed-${kind}.tar`))
    const rootfs = async (name: string) =>
      await docker.docker(['image', 'inspect', '-f', '{{.RootFS.Layers}} {{.Config.Env}} {{.Config.WorkingDir}}', name])
    expect(await rootfs(`ingot/passed:${kind}`)).toBe(await rootfs('ingot/built:1'))
  }
  await written([
    'convert',
    file('built.rootfs.tar'),
    '--to',
    'docker',
    '--name',
    'ingot/flat:1',
    '-o',
    file('flat.tar'),
  ])
  await load(file('flat.tar'))
  const show = '( -type d -printf "%p %m %U:%G %T@\\n" -o -printf "%p %y %m %U:%G %n %s %l %T@\\n" )'
  const command = `getcap /usr/bin/cat; found /d /opaque /replaced /gone /srv ${show.replace(/[()]/g, '\\$&')}`
  const look = async (name: string) => (await docker.run(name, ['sh', '-c', command])).split('\n').sort()
  const built = await look('ingot/built:1')
  expect(built).toContain('/usr/bin/cat cap_net_bind_service=ep')
  expect(built.length).toBeGreaterThan(40)
  expect(await look('ingot/flat:1')).toEqual(built)
})
