import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exec } from './support/exec.ts'
import { type Images, imagePeers, testImages } from './support/image.ts'
import { differences, inspect, written } from './support/ingot.ts'
import { peers } from './support/peer.ts'
import { type Podman, startPodman } from './support/podman.ts'
import { tortureReport, tortureScript } from './support/torture.ts'

// podman and buildah load and run what Ingot writes, and Ingot reads what they save and build.

const here = peers('podman', 'buildah', 'runc', ...imagePeers)
let images: Images
let podman: Podman
const file = (name: string) => join(podman.folder, name)

beforeAll(async () => {
  if (here.missing) return
  images = await testImages()
  podman = startPodman()
})
afterAll(async () => await podman?.stop())
beforeEach(here.check)

// Layers are unpacked without holes; Go's tar takes an empty xattr for one that is not there.
const report = tortureReport('holes', 'user.empty=0x')

describe.for(['docker', 'oci-archive'])('%s', (format) => {
  const name = `localhost/ingot/${format}:1`

  test('podman loads and runs it', async () => {
    const flags = ['--to', format, '--name', name, '--cmd', '["sh","-c","echo $A $B"]', '--env', 'A=1', 'B=2 3']
    await written(['pack', images.app, ...flags, '-o', file(`${format}.tar`)])
    expect(await podman.podman(['load', '-i', file(`${format}.tar`)])).toContain(`Loaded image: ${name}`)
    expect(await podman.run(name, [])).toBe('1 2 3')
    expect(await podman.run(name, ['sh', '-c', tortureScript])).toBe(report)
    expect(await podman.run(name, ['stat', '-c', '%u:%g', '/srv/torture/big-ids'])).toBe('3000000000:2097157')
  })

  test.for(['docker-archive', 'oci-archive'])('podman saves it as %s, and that is read', async (saved) => {
    const path = file(`${format}-to-${saved}.tar`)
    await podman.podman(['save', '-q', '--format', saved, '-o', path, name])
    for (const reference of [path, `${saved}:${path}`]) {
      const description = await inspect(reference)
      expect(description).toMatchObject({
        names: [name],
        architecture: 'x86_64',
        config: { cmd: ['sh', '-c', 'echo $A $B'] },
      })
    }
    expect(await differences(images.app, path, '--times')).toEqual([])
  })
})

test.for(['gzip', 'zstd', 'none'])('podman runs an OCI layout whose layers have %s', async (kind) => {
  const name = `localhost/ingot/layout:${kind}`
  const flags = ['--to', 'oci', '--compression', kind, '--name', name, '-o', file(`layout-${kind}`)]
  await written(['convert', images.app, ...flags])
  const id = await podman.podman(['pull', '-q', `oci:${file(`layout-${kind}`)}:${name}`])
  await podman.podman(['tag', id, name])
  expect(await podman.run(id, ['sh', '-c', tortureScript])).toBe(report)
})

test('a whole Debian goes through podman unchanged', async () => {
  const name = 'localhost/debian:ingot'
  await written(['convert', images.system, '--to', 'oci-archive', '--name', name, '-o', file('debian.tar')])
  await podman.podman(['load', '-q', '-i', file('debian.tar')])
  expect(await podman.run(name, ['sh', '-c', '. /etc/os-release; echo $VERSION_CODENAME'])).toBe('bookworm')
  await podman.podman(['save', '-q', '--format', 'oci-archive', '-o', file('debian-saved.tar'), name])
  expect(await differences(images.system, file('debian-saved.tar'), '--times')).toEqual([])
})

const dockerfile = `
FROM scratch
ADD app.tar /
RUN rm -r /srv/torture/sticky /srv/torture/pipe && mkdir /srv/torture/sticky && echo 1 > /srv/torture/sticky/new
RUN rm /srv/torture/first && ln /srv/torture/second /srv/torture/fourth && setcap cap_chown=ep /usr/bin/chown
RUN mkdir -p /a/b && echo c > /a/b/c && chown -R 7:8 /a && chmod 700 /a && chmod u+s /a/b/c
COPY copied /a/copied
LABEL made=by-buildah
CMD ["sh"]
`

/** `buildah bud` of a Dockerfile, a layer for each step. */
async function build(name: string, text: string): Promise<void> {
  const context = file(`context-${name}`)
  mkdirSync(context)
  writeFileSync(join(context, 'Dockerfile'), text)
  writeFileSync(join(context, 'copied'), 'copied')
  await exec('zstd', ['-q', '-d', images.app, '-o', join(context, 'app.tar')])
  await podman.buildah(['bud', '-q', '--layers', '--isolation', 'chroot', '-t', `${name}:1`, context])
}

test('what buildah builds and pushes is read, and flattened to what podman export shows', async () => {
  await build('built', dockerfile)
  await podman.buildah(['push', '-q', 'localhost/built:1', `oci:${file('pushed')}:built:1`])
  await podman.buildah(['push', '-q', 'localhost/built:1', `docker-archive:${file('pushed.tar')}:built:1`])
  const layout = `oci:${file('pushed')}:built:1`
  const description = await inspect(layout)
  expect(description.layers).toHaveLength(5)
  expect(description.config).toMatchObject({ cmd: ['sh'], labels: { made: 'by-buildah' } })
  expect(await differences(layout, file('pushed.tar'), '--times')).toEqual([])

  await podman.podman(['create', '--name', 'flat', '--network', 'host', 'localhost/built:1'])
  await podman.podman(['export', '-o', file('exported.tar'), 'flat'])
  expect(await differences(layout, `rootfs:${file('exported.tar')}`)).toEqual([])
})

test('buildah builds layers on an image that Ingot made of a bare tree', async () => {
  await build('upon', 'FROM localhost/ingot/layout:none\nRUN rm /srv/torture/first\nRUN rm /srv/torture/second\n')
  expect(await podman.run('localhost/upon:1', ['sh', '-c', 'cd /srv/torture; ls first second third || true'])).toBe(
    'third',
  )
})
