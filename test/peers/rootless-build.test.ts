import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ingot } from '../support/ingot.ts'
import { giveTo, makeOrdinaryUser } from '../support/ordinary-user.ts'
import { type Dockerd, startDockerd } from './support/docker.ts'
import { output } from './support/exec.ts'
import { type Lxd, startLxd } from './support/lxd.ts'
import { peers } from './support/peer.ts'
import { type Podman, startPodman } from './support/podman.ts'

// The system of `ingot recipe init`, which an ordinary user has built, in the hands of every peer.

const here = peers(
  'root',
  'lxd',
  'lxc',
  'dockerd',
  'docker',
  'podman',
  'runc',
  'skopeo',
  'umoci',
  'lxc-usernsexec',
  'mmdebstrap',
)
const user = here.missing ? 'some peers are missing' : makeOrdinaryUser()
const excuse = typeof user === 'string' ? user : undefined
const top = mkdtempSync(join(tmpdir(), 'ingot-rootless-'))
const out = join(top, 'out')
const file = (end: string) => join(out, readdirSync(out).find((name) => name.endsWith(end))!)

beforeAll(async () => {
  if (typeof user === 'string') return
  chmodSync(top, 0o755)
  giveTo(user, top)
  const recipe = join(top, 'ingot.yaml')
  const formats = ['docker', 'oci', 'oci-archive', 'proxmox', 'lxd']
  const own = { as: user, env: { HOME: top, INGOT_HOME: join(top, 'home') } }
  for (const args of [
    ['recipe', 'init', recipe, '--yes', '--name', 'lab/server', '--user', 'lab', '--to', ...formats],
    ['build', recipe, '-o', out],
    ['image', 'export', 'lab/server', '--to', 'lxd', '--variant', 'unified', join(out, 'whole.tar.gz')],
  ]) {
    const { status, stderr } = await ingot(args, own)
    if (status !== 0) throw new Error(stderr)
  }
}, 400_000)
afterAll(() => rmSync(top, { recursive: true, force: true }))
beforeEach((context) => {
  here.check(context)
  if (excuse !== undefined) context.skip(excuse)
})

test('LXD starts it, unified and split', async () => {
  const lxd: Lxd = await startLxd()
  try {
    await lxd.lxc(['image', 'import', file('lxd.tar.gz'), file('squashfs'), '--alias', 'split'])
    await lxd.lxc(['image', 'import', join(out, 'whole.tar.gz'), '--alias', 'whole'])
    for (const image of ['split', 'whole']) {
      await lxd.lxc(['launch', image, `of-${image}`])
      expect(await lxd.booted(`of-${image}`)).toBe('running')
      expect(await lxd.run(`of-${image}`, ['sudo', '-u', 'lab', 'sudo', '-n', 'id', '-u'])).toBe('0')
    }
  } finally {
    await lxd.stop()
  }
}, 300_000)

test('docker and podman run it', async () => {
  const command = ['sh', '-c', 'id -un lab; stat -c %a:%u /usr/bin/sudo']
  const docker: Dockerd = await startDockerd()
  try {
    expect(await docker.docker(['load', '-i', file('docker.tar')])).toContain('Loaded image: lab/server')
    expect(await docker.run('lab/server', command)).toBe('lab\n4755:0')
  } finally {
    await docker.stop()
  }
  const podman: Podman = startPodman()
  try {
    const said = await podman.podman(['load', '-i', file('oci.tar')])
    expect(await podman.run(/Loaded image: (\S+)/.exec(said)![1]!, command)).toBe('lab\n4755:0')
  } finally {
    await podman.stop()
  }
}, 120_000)

test('skopeo and umoci read it, and tar unpacks it as Proxmox VE does', async () => {
  const layout = `${file('.oci')}:lab/server`
  const { Architecture, Layers } = JSON.parse(await output('skopeo', ['inspect', `oci:${layout}`]))
  expect([Architecture, Layers.length]).toEqual(['amd64', 8])
  const bundle = join(top, 'bundle')
  await output('umoci', ['unpack', '--image', layout, bundle])
  expect((await output('stat', ['-c', '%a:%u', join(bundle, 'rootfs/usr/bin/sudo')])).trim()).toBe('4755:0')

  const root = join(top, 'root')
  mkdirSync(root)
  chownSync(root, 100_000, 100_000)
  const namespace = ['-m', 'u:0:100000:65536', '-m', 'g:0:100000:65536', '--']
  const flags = ['--totals', '--one-file-system', '-p', '--sparse', '--numeric-owner', '--acls', '--xattrs']
  const included = ['--xattrs-include=user.*', '--xattrs-include=security.capability']
  const excludes = ['--skip-old-files', '--anchored', '--exclude', './dev/*']
  const tar = ['tar', 'xpf', '-', '--zstd', ...flags, ...included, '-C', root, ...excludes]
  const input = readFileSync(file('amd64.tar.zst'))
  const done = spawnSync('lxc-usernsexec', [...namespace, ...tar], { input, maxBuffer: 1 << 26 })
  expect([done.status, done.stderr.toString().replace(/Total bytes read.*\n/, '')]).toEqual([0, ''])
  expect((await output('stat', ['-c', '%a:%u', join(root, 'usr/bin/sudo')])).trim()).toBe('4755:100000')
}, 120_000)
