import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pour } from '../../src/formats/pour.ts'
import { ingot } from '../support/ingot.ts'
import { tortureTree, treeImage } from '../support/trees.ts'

let folder: string
let rootfs: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-cli-'))
  rootfs = join(folder, 'rootfs.tar')
  await pour([treeImage(tortureTree)], {
    to: 'rootfs',
    compression: { kind: 'none' },
    out: rootfs,
    warn: () => undefined,
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)

test('a rootfs becomes a docker archive through standard input and output, and its name is recorded', async () => {
  const converted = await ingot(['convert', '-', '--to', 'docker', '--name', 'lab/base:1', '-o', '-'], {
    input: readFileSync(rootfs),
  })
  expect(converted.stderr).toBe('')
  expect(converted.status).toBe(0)
  const inspected = await ingot(['inspect', '-', '--format', 'json'], { input: converted.stdout })
  expect(inspected.status).toBe(0)
  expect(JSON.parse(inspected.stdout.toString())).toMatchObject({
    format: 'docker',
    architecture: 'x86_64',
    platform: 'linux/amd64',
  })
  expect(inspected.stdout.toString()).toContain('lab/base:1')
})

test.each([
  ['rootfs', [], ['--compression', 'zstd:5']],
  ['lxd', [], ['--variant', 'unified']],
  ['oci-archive', ['--name', 'x:1'], []],
  ['docker', ['--name', 'x:1'], ['--compression', 'none']],
  ['proxmox', [], ['--compression', 'gzip']],
])('every single-file format reads and writes the standard streams: %s', async (to, name, more) => {
  const out = await ingot(['convert', '-', '--to', to, '-o', '-', ...name, ...more], { input: readFileSync(rootfs) })
  expect(out.status, out.stderr).toBe(0)
  const again = await ingot(['convert', '-', '--to', 'rootfs', '--compression', 'none', '-o', '-'], {
    input: out.stdout,
  })
  expect(again.status, again.stderr).toBe(0)
  const listing = execFileSync('tar', ['-tf', '-'], { input: again.stdout, maxBuffer: 1 << 26 }).toString()
  expect(listing).toContain('usr/bin/ping')
})

test('a split image cannot go to standard output, and says what can', async () => {
  const out = await ingot(['convert', rootfs, '--to', 'lxd', '-o', '-'])
  expect(out).toMatchObject({ status: 2 })
  expect(out.stdout).toHaveLength(0)
  expect(out.stderr).toMatch(/two files[\s\S]*hint: .*unified/)
})

test('an output that is there already is kept, unless forced', async () => {
  writeFileSync(at('there.tar'), 'mine')
  const refused = await ingot(['convert', rootfs, '--to', 'rootfs', '-o', at('there.tar')])
  expect(refused).toMatchObject({ status: 4 })
  expect(refused.stderr).toContain('--force')
  expect(readFileSync(at('there.tar'), 'utf8')).toBe('mine')
  expect(await ingot(['convert', rootfs, '--to', 'rootfs', '-o', at('there.tar'), '--force'])).toMatchObject({
    status: 0,
  })
})

test('several images go into one docker archive and come out by name', async () => {
  await ingot(['convert', rootfs, '--to', 'docker', '--name', 'a:1', '-o', at('a.tar')])
  await ingot(['convert', rootfs, '--to', 'docker', '--name', 'b:1', '-o', at('b.tar')])
  const both = await ingot(['convert', at('a.tar'), at('b.tar'), '--to', 'docker', '-o', at('both.tar')])
  expect(both.status, both.stderr).toBe(0)
  const unclear = await ingot(['inspect', `docker-archive:${at('both.tar')}`])
  expect(unclear).toMatchObject({ status: 2 })
  expect(unclear.stderr).toMatch(/several images fit[\s\S]*a:1[\s\S]*b:1/)
  expect(await ingot(['inspect', `docker-archive:${at('both.tar')}:b:1`])).toMatchObject({ status: 0 })
})

test('platforms of one name choose by --platform, and a missing one is listed', async () => {
  await ingot(['convert', rootfs, '--to', 'oci-archive', '--name', 'm:1', '-o', at('amd64.tar')])
  const arm = await ingot([
    'pack',
    rootfs,
    '--property',
    'architecture=aarch64',
    '--to',
    'oci-archive',
    '--name',
    'm:1',
    '-o',
    at('arm64.tar'),
  ])
  expect(arm.status, arm.stderr).toBe(0)
  const multi = await ingot([
    'convert',
    at('amd64.tar'),
    at('arm64.tar'),
    '--to',
    'oci-archive',
    '--name',
    'm:1',
    '-o',
    at('multi.tar'),
  ])
  expect(multi.status, multi.stderr).toBe(0)
  const chosen = await ingot(['inspect', at('multi.tar'), '--platform', 'linux/arm64', '--format', 'json'])
  expect(JSON.parse(chosen.stdout.toString())).toMatchObject({ architecture: 'aarch64' })
  const none = await ingot(['inspect', at('multi.tar'), '--platform', 'linux/s390x'])
  expect(none).toMatchObject({ status: 3 })
  expect(none.stderr).toMatch(/linux\/amd64[\s\S]*linux\/arm64/)
})

test('pack cleans, shifts ids and reports what went', async () => {
  const shifted = await ingot([
    'pack',
    rootfs,
    '--shift-ids',
    '100000',
    '--to',
    'rootfs',
    '--compression',
    'none',
    '-o',
    at('up.tar'),
  ])
  expect(shifted.status, shifted.stderr).toBe(0)
  expect(execFileSync('tar', ['--numeric-owner', '-tvf', at('up.tar')]).toString()).toMatch(
    /101000\/101000 .*home\/u\/old/,
  )
  const down = await ingot([
    'pack',
    at('up.tar'),
    '--shift-ids',
    '-100000',
    '--clean',
    '--to',
    'rootfs',
    '--compression',
    'none',
    '-o',
    at('down.tar'),
  ])
  expect(down.status, down.stderr).toBe(0)
  expect(down.stderr).toMatch(/CLEANED[\s\S]*run/)
  const listing = execFileSync('tar', ['--numeric-owner', '-tvf', at('down.tar')]).toString()
  expect(listing).toMatch(/ 1000\/1000 .*home\/u\/old/)
  expect(listing).not.toMatch(/run\/fifo/)
  const wrong = await ingot(['pack', rootfs, '--shift-ids', '-100000', '--to', 'rootfs', '-o', at('wrong.tar')])
  expect(wrong).toMatchObject({ status: 5 })
  expect(wrong.stderr).toMatch(/100000/)
  expect(readdirSync(folder)).not.toContain('wrong.tar')
})

test('cleaning sees the tree: what lies behind a symlink, and a file of one layer with another name in the next', async () => {
  const run = (script: string) => execFileSync('sh', ['-ec', script], { cwd: folder })
  run(`mkdir -p links/run links/var links/etc; ln -s ../run links/var/run; echo x > links/run/pid
    tar -cf links.tar -C links etc run/ var/run --transform 's,^run/pid$,var/run/pid,'`)
  const paths = (name: string) => execFileSync('tar', ['-tf', at(name)]).toString()
  expect(paths('links.tar')).toContain('var/run/pid')
  await ingot([
    'pack',
    `rootfs:${at('links.tar')}`,
    '--clean',
    '--to',
    'rootfs',
    '--compression',
    'none',
    '-o',
    at('links2.tar'),
  ])
  expect(paths('links2.tar')).toMatch(/var\/run/)
  expect(paths('links2.tar')).not.toContain('pid')

  run(`mkdir -p one/tmp one/usr; echo content > one/tmp/a; echo more > one/usr/b
    umoci init --layout layered; umoci new --image layered:x; umoci insert --image layered:x one/tmp /tmp; umoci insert --image layered:x one/usr /usr`)
  run(
    `mkdir linked; cd linked; mkdir tmp usr; echo content > tmp/a; ln tmp/a usr/c; tar -cf ../linked.tar tmp/a usr/c; tar --delete -f ../linked.tar tmp/a`,
  )
  run(`umoci raw add-layer --image layered:x linked.tar`)
  const packed = await ingot([
    'pack',
    `oci:${at('layered:x')}`,
    '--clean',
    '--architecture',
    'amd64',
    '--to',
    'docker',
    '--name',
    'x:1',
    '-o',
    at('layered.tar'),
  ])
  expect(packed.status, packed.stderr).toBe(0)
  const flat = await ingot([
    'convert',
    at('layered.tar'),
    '--to',
    'rootfs',
    '--compression',
    'none',
    '-o',
    at('layered2.tar'),
  ])
  expect(flat.status, flat.stderr).toBe(0)
  expect(paths('layered2.tar')).not.toContain('tmp/a')
  expect(execFileSync('tar', ['-xOf', at('layered2.tar'), 'usr/c']).toString()).toBe('content\n')
})

test('diff tells equal from different by its exit status', async () => {
  expect(await ingot(['diff', rootfs, rootfs])).toMatchObject({ status: 0 })
  const cleaned = at('cleaned.tar')
  await ingot(['pack', rootfs, '--clean', 'minimal', '--clean-on', 'device-nodes', '--to', 'rootfs', '-o', cleaned])
  const diff = await ingot(['diff', rootfs, cleaned, '--format', 'json'])
  expect(diff.status, diff.stderr).toBe(1)
  expect(JSON.parse(diff.stdout.toString()).files.removed).toContain('dev/null')
})

test('the same input gives the same bytes whatever the umask, time zone and locale', async () => {
  const runs = [
    { umask: '022', TZ: 'UTC', LC_ALL: 'C' },
    { umask: '077', TZ: 'Asia/Shanghai', LC_ALL: 'C.UTF-8' },
  ]
  const results = runs.map(({ umask, ...env }, index) => {
    const out = at(`same-${index}`)
    mkdirSync(out)
    const script = ['rootfs', 'lxd', 'docker', 'oci-archive', 'proxmox']
      .map(
        (to) =>
          `"$0" convert "${rootfs}" --to ${to} ${to === 'docker' || to === 'oci-archive' ? '--name x:1' : ''} -o "${out}/${to}" 2>/dev/null`,
      )
      .join(' && ')
    execFileSync('sh', ['-c', `umask ${umask}; ${script}`, join(import.meta.dirname, '../../bin/ingot')], {
      env: { ...process.env, ...env },
    })
    return readdirSync(out)
      .sort()
      .map((name) => [name, readFileSync(join(out, name)).toString('base64')])
  })
  expect(results[1]!.map(([name]) => name)).toEqual(results[0]!.map(([name]) => name))
  for (const [index, [name, content]] of results[0]!.entries())
    expect(results[1]![index]![1] === content, name).toBe(true)
})

test('a reader that has seen enough ends it quietly, and leaves nothing', () => {
  const bin = join(import.meta.dirname, '../../bin/ingot')
  const temporary = at('closed-pipe')
  mkdirSync(temporary)
  for (const command of [`convert --help | head -1`, `convert "${rootfs}" --to docker --name x:1 -o - | head -c 1`]) {
    const { stderr, stdout } = spawnSync('sh', ['-c', `"$0" ${command}`, bin], {
      env: { ...process.env, INGOT_TMPDIR: temporary },
    })
    expect(stderr.toString()).toBe('')
    expect(stdout.length).toBeGreaterThan(0)
    expect(readdirSync(temporary)).toEqual([])
  }
})
