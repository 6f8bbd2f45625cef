import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pour } from '../../src/formats/pour.ts'
import { ingot, startIngot } from '../support/ingot.ts'
import { item, tortureTree, treeImage } from '../support/trees.ts'

let folder: string
let small: string
let big: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-failures-'))
  chmodSync(folder, 0o755)
  small = join(folder, 'small.tar')
  big = join(folder, 'big.tar')
  await pour([treeImage(tortureTree)], {
    to: 'rootfs',
    compression: { kind: 'none' },
    out: small,
    warn: () => undefined,
  })
  const noise = Buffer.alloc(8 << 20)
  for (let i = 0; i < noise.length; i += 4) noise.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i)
  const files = Array.from({ length: 24 }, (_, i) => item({ path: `data-${i}`, type: 'file' }, noise))
  await pour([treeImage([item({ path: '', type: 'directory' }), ...files])], {
    to: 'rootfs',
    compression: { kind: 'none' },
    out: big,
    warn: () => undefined,
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const forms: readonly (readonly string[])[] = [
  ['rootfs', '--compression', 'zstd:19'],
  ['rootfs', '--compression', 'xz:1'],
  ['lxd', '--compression', 'xz'],
  ['lxd', '--variant', 'unified', '--compression', 'gzip:9'],
  ['docker', '--name', 'x:1', '--compression', 'gzip:9'],
  ['oci-archive', '--name', 'x:1', '--compression', 'gzip:9'],
  ['oci', '--name', 'x:1', '--compression', 'gzip:9'],
  ['proxmox', '--compression', 'gzip:9'],
]

const cases = forms.map((form): [string, readonly string[]] => [form.join(' '), form])

test.each(cases)('Ctrl-C leaves nothing behind: %s', async (_, form) => {
  const work = mkdtempSync(join(folder, 'interrupt-'))
  const temporary = join(work, 'tmp')
  mkdirSync(temporary)
  const { child, ended } = startIngot(
    ['convert', `rootfs:${big}`, '--architecture', 'amd64', '--to', ...form, '-o', join(work, 'out')],
    {
      env: { INGOT_TMPDIR: temporary },
    },
  )
  await until(() => readdirSync(work).length > 1 || child.exitCode !== null)
  child.kill('SIGINT')
  const outcome = await ended
  expect(outcome.status, outcome.stderr).toBe(130)
  expect(readdirSync(work)).toEqual(['tmp'])
  expect(readdirSync(temporary)).toEqual([])
  expect(processesMentioning(work)).toEqual([])
})

test.each(cases)('a full disk is told clearly and leaves nothing behind: %s', async (_, form) => {
  const disk = mkdtempSync(join(folder, 'disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
  if (mounted.status !== 0) throw new Error(`this test needs root: ${mounted.stderr}`)
  try {
    const outcome = await ingot([
      'convert',
      `rootfs:${big}`,
      '--architecture',
      'amd64',
      '--to',
      ...form,
      '-o',
      join(disk, 'out'),
    ])
    expect(outcome.stderr).toMatch(/no space left/i)
    expect([10, 11]).toContain(outcome.status)
    expect(readdirSync(disk)).toEqual([])
  } finally {
    execFileSync('umount', [disk])
  }
})

test('an unreadable file is named', async () => {
  const secret = join(folder, 'secret.tar')
  writeFileSync(secret, 'x', { mode: 0o600 })
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'shadow'), 'x', { mode: 0o600 })
  const file = await ingot(['inspect', secret], { uid: 65534, cwd: '/' })
  expect(file).toMatchObject({ status: 11 })
  expect(file.stderr).toContain(`${secret}: permission denied`)
  const out = join(tmpdir(), `ingot-unreadable-${process.pid}.tar`)
  const entry = await ingot(['pack', `dir:${tree}`, '--to', 'rootfs', '-o', out], { uid: 65534, cwd: '/' })
  expect(entry).toMatchObject({ status: 11 })
  expect(entry.stderr).toMatch(/tree\/shadow.*permission denied/)
  expect(existsSync(out)).toBe(false)
})

test('a truncated archive is told with the file and the place, and nothing is written', async () => {
  const cut = join(folder, 'cut.tar')
  writeFileSync(cut, readFileSync(small).subarray(0, 7000))
  const outcome = await ingot([
    'convert',
    `rootfs:${cut}`,
    '--to',
    'docker',
    '--name',
    'x:1',
    '-o',
    join(folder, 'never.tar'),
  ])
  expect(outcome).toMatchObject({ status: 5 })
  expect(outcome.stderr).toMatch(/cut\.tar: .*(byte|offset) \d+/)
  expect(existsSync(join(folder, 'never.tar'))).toBe(false)
})

test('a compression bomb is stopped by the ratio and by the absolute limit, and both can be raised', async () => {
  const bomb = join(folder, 'bomb.tar.zst')
  const zeros = item({ path: 'zeros', type: 'file' }, Buffer.alloc(64 << 20))
  await pour([treeImage([item({ path: '', type: 'directory' }), zeros])], {
    to: 'rootfs',
    compression: { kind: 'zstd' },
    out: bomb,
    warn: () => undefined,
  })
  const args = [
    'convert',
    `rootfs:${bomb}`,
    '--to',
    'rootfs',
    '--compression',
    'none',
    '-o',
    join(folder, 'bombed.tar'),
  ]
  const refused = await ingot([...args, '--max-size', '1M'])
  expect(refused).toMatchObject({ status: 7 })
  expect(refused.stderr).toContain('--max-size')
  expect(existsSync(join(folder, 'bombed.tar'))).toBe(false)
  expect(await ingot([...args, '--max-size', '1G'])).toMatchObject({ status: 0 })
})

test.each([
  [['convert'], 2, /required option '--to/],
  [['convert', 'x.tar', '--to', 'zip', '-o', 'y'], 2, /Allowed choices are/],
  [['convrt'], 2, /Did you mean convert/],
  [['inspect', '/nonexistent.tar'], 3, /cannot open \/nonexistent\.tar: no such file/],
  [['convert', '/etc/hostname', '--to', 'rootfs', '-o', '/tmp/never'], 5, /no image that Ingot knows/],
  [['pack', '/', '--to', 'rootfs', '--compression', 'lzop', '-o', '/tmp/never'], 2, /gzip/],
])('wrong words: %j', async (args, status, message) => {
  const outcome = await ingot(args)
  expect(outcome.stderr).toMatch(message)
  expect(outcome).toMatchObject({ status })
  expect(outcome.stderr).not.toMatch(/^\s+at /m)
})

test('help and version say what they should', async () => {
  expect((await ingot(['--version'])).stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await ingot(['--help'])).stdout.toString()).toMatch(/convert[\s\S]*doctor[\s\S]*completion/)
  expect((await ingot(['completion', 'bash'])).stdout.toString()).toContain('ingot')
  expect((await ingot(['complete', '--', 'con'])).stdout.toString()).toContain('convert')
  expect((await ingot(['complete', '--', 'convert', '--to', ''])).stdout.toString()).toContain('proxmox')
})

test('doctor tells what there is, as a table and as JSON', async () => {
  const doctor = await ingot(['doctor', '--format', 'json'])
  const checks: { name: string; ok: boolean; required: boolean }[] = JSON.parse(doctor.stdout.toString())
  expect(checks.map((check) => check.name)).toEqual(expect.arrayContaining(['Node 24', 'tar2sqfs', 'xz']))
  expect(doctor.status).toBe(checks.some((check) => check.required && !check.ok) ? 9 : 0)
})

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20))
}

function processesMentioning(text: string): string[] {
  return spawnSync('pgrep', ['-af', text])
    .stdout.toString()
    .split('\n')
    .filter((line) => line !== '' && !line.includes('pgrep'))
}

test.each([
  ['--bogus'],
  ['convert', '--bogus'],
  ['image', 'list', '--type', 'x'],
  ['image', 'alias', 'create'],
  ['build', 'prune', '--keep', 'lots'],
  ['recipe', 'fmt', '--bogus'],
])('a wrong command line is told as such, however deep: %s', async (...args) => {
  const { status, stdout, stderr } = await ingot(args)
  expect(status).toBe(2)
  expect(stdout.toString()).toBe('')
  expect(stderr).toMatch(/^error: /)
})
