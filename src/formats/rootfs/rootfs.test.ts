import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordsOf } from '../../../test/support/records.ts'
import { item, tortureTree, treeImage, treeLayer } from '../../../test/support/trees.ts'
import { openImage, pour } from '../pour.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-rootfs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = async (name: string, kind?: 'none' | 'gzip' | 'zstd' | 'xz', items = tortureTree) =>
  (
    await pour([treeImage(items)], {
      to: 'rootfs',
      out: join(folder, name),
      warn: () => undefined,
      ...(kind && { compression: { kind } }),
    })
  ).files[0]!

test.each(['none', 'gzip', 'zstd', 'xz'] as const)('a tree comes back the same: %s', async (kind) => {
  const { path } = await write('image', kind)
  const { format, image } = await openImage(path)
  expect(format.name).toBe('rootfs')
  expect(await recordsOf(image.layers[0]!)).toEqual(await recordsOf(treeLayer(tortureTree)))
})

test('zstd is the default, and members are canonical', async () => {
  const { path, sha256 } = await write('image.tar.zst')
  expect(readFileSync(path).subarray(0, 4).toString('hex')).toBe('28b52ffd')
  const names = execFileSync('tar', ['--zstd', '--quoting-style=literal', '-tf', path], { encoding: 'latin1' })
    .trim()
    .split('\n')
  expect(names[0]).toBe('./')
  expect(names.slice(1).some((name) => name.startsWith('./') || name.startsWith('/'))).toBe(false)
  expect((await write('again')).sha256).toBe(sha256)
})

test('bzip2 is read', async () => {
  const { path } = await write('image.tar', 'none')
  execFileSync('bzip2', [path])
  expect((await openImage(`${path}.bz2`)).format.name).toBe('rootfs')
})

test('the tree tells the properties and the architecture', async () => {
  const { image } = await openImage((await write('image')).path)
  expect(await image.metadata()).toMatchObject({
    architecture: 'x86_64',
    properties: { os: 'debian', release: 'bookworm', version: '12', description: 'Debian GNU/Linux 12 (bookworm)' },
  })
})

test('an architecture that cannot be seen must be said', async () => {
  const { path } = await write('image', 'none', [
    item({ path: 'etc', type: 'directory' }),
    item({ path: 'etc/x', type: 'file' }, 'x'),
  ])
  const unknown = (await openImage(path)).image
  await expect(unknown.metadata()).rejects.toMatchObject({
    code: 'bad-input',
    hint: expect.stringContaining('--architecture'),
  })
  const said = (await openImage(path, { architecture: 'riscv64' })).image
  expect(await said.metadata()).toMatchObject({ architecture: 'riscv64', properties: {} })
})

test('other content is not taken for a tree', async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(4096), Buffer.from('hello'), Buffer.alloc(4096, 'x')]) {
    writeFileSync(join(folder, 'odd'), bytes)
    await expect(openImage(join(folder, 'odd'))).rejects.toMatchObject({ code: 'bad-input' })
  }
})

test('other formats’ archives are detected as what they are', async () => {
  for (const [to, expected] of [
    ['docker', 'docker'],
    ['oci-archive', 'oci-archive'],
    ['lxd', 'lxd'],
    ['proxmox', 'rootfs'],
  ] as const) {
    const out = join(folder, to)
    const variant = to === 'lxd' ? { variant: 'unified' } : {}
    await pour([treeImage(tortureTree)], { to, out, names: ['a:1'], warn: () => undefined, ...variant })
    expect((await openImage(out)).format.name).toBe(expected)
  }
})

test('templates of Proxmox’s own tools begin with etc/appliance.info, and are known by it', async () => {
  const info = item({ path: 'etc/appliance.info', type: 'file' }, 'Name: debian-12-standard\n')
  const { path } = await write('template', 'gzip', [
    item({ path: '', type: 'directory' }),
    item({ path: 'etc', type: 'directory' }),
    info,
  ])
  expect((await openImage(path)).format.name).toBe('proxmox')
})

test('a file that ends too early is an error, not an image', async () => {
  const { path } = await write('image', 'gzip')
  writeFileSync(path, readFileSync(path).subarray(0, -200))
  const { image } = await openImage(path)
  await expect(recordsOf(image.layers[0]!)).rejects.toMatchObject({ code: expect.stringMatching(/corrupt|bad-input/) })
})
