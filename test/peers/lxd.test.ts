import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exec } from './support/exec.ts'
import { type Images, imagePeers, testImages } from './support/image.ts'
import { differences, ingot, inspect, type Written, written } from './support/ingot.ts'
import { type Lxd, startLxd } from './support/lxd.ts'
import { peers } from './support/peer.ts'
import { tortureReport, tortureScript } from './support/torture.ts'

// A real LXD daemon imports and starts what Ingot writes, and Ingot reads what LXD exports and publishes.

const here = peers('lxd', 'lxc', ...imagePeers, 'mksquashfs', 'sqfs2tar')
let images: Images
let lxd: Lxd

beforeAll(async () => {
  if (here.missing) return
  images = await testImages()
  lxd = await startLxd()
})
afterAll(async () => await lxd?.stop())
beforeEach(here.check)

const metadata = `
architecture: amd64
creation_date: 1700000000
properties:
  os: Debian
  release: bookworm
  description: a torture tree
templates:
  /etc/hostname:
    when: [create, copy]
    template: hostname.tpl
  /etc/ingot/greeting:
    when: [start]
    create_only: false
    template: greeting.tpl
    properties: { default: nobody }
`

/** A metadata archive with templates, which LXD fills in when the instance starts. */
async function metadataArchive(): Promise<string> {
  const folder = join(lxd.folder, 'metadata')
  mkdirSync(join(folder, 'templates'), { recursive: true })
  writeFileSync(join(folder, 'metadata.yaml'), metadata)
  writeFileSync(join(folder, 'templates/hostname.tpl'), '{{ container.name }}\n')
  writeFileSync(join(folder, 'templates/greeting.tpl'), 'hello {{ config_get("user.greet", properties.default) }}\n')
  const path = join(lxd.folder, 'metadata.tar')
  await exec('tar', ['-C', folder, '-cf', path, 'metadata.yaml', 'templates'])
  return path
}

/** Imports files that Ingot wrote. */
async function importImage({ files, fingerprint }: Written, alias: string): Promise<void> {
  const said = await lxd.lxc(['image', 'import', ...files, '--alias', alias])
  expect(said).toContain(`Image imported with fingerprint: ${fingerprint}`)
}

/** Exports an image; returns how Ingot is told of the files. */
async function exportImage(image: string): Promise<string> {
  const folder = join(lxd.folder, `export-${image}`)
  mkdirSync(folder)
  await lxd.lxc(['image', 'export', image, `${folder}/`])
  const files = readdirSync(folder).sort((a, b) => Number(b.startsWith('meta-')) - Number(a.startsWith('meta-')))
  return `lxd:${files.map((name) => join(folder, name)).join(',')}`
}

const variants = ['unified', 'split-tar', 'split-squashfs'] as const

describe.for(variants)('%s', (variant) => {
  const image = `image-${variant}`
  const instance = `instance-${variant}`

  test('is imported under the fingerprint that Ingot printed', async () => {
    const output = ['--to', 'lxd', '--variant', variant, '-o', join(lxd.folder, variant)]
    // The unified image is made of one that has templates, the others of a bare root file system.
    const input = variant === 'unified' ? `lxd:${await metadataArchive()},${images.system}` : images.system
    await importImage(await written(['convert', input, ...output]), image)
    const info = await lxd.lxc(['image', 'info', image])
    expect(info).toContain('Architecture: x86_64\nType: container')
    expect(info).toMatch(/^ +os: debian$/im)
    expect(info).toMatch(/^ +release: bookworm$/m)
    if (variant !== 'unified') return
    expect(info).toContain('Created: 2023/11/14 22:13 UTC')
    expect(info).toMatch(/^ +description: a torture tree$/m)
  })

  test('starts, and systemd is running in it', async () => {
    await lxd.lxc(['init', image, instance])
    if (variant === 'unified') await lxd.lxc(['config', 'set', instance, 'user.greet', 'Ingot'])
    await lxd.lxc(['start', instance])
    expect(await lxd.booted(instance)).toBe('running')
  })

  test('has all that the tree had', async () => {
    expect(await lxd.run(instance, ['sh', '-c', tortureScript])).toBe(tortureReport())
    const acl = await lxd.run(instance, ['getfacl', '-cnE', '/srv/torture/acl', '/srv/torture/acl-default'])
    const withoutAcl = 'user::rw-\ngroup::rw-\nother::r--\n\nuser::rwx\ngroup::r-x\nother::r-x'
    const withAcl =
      'user::rw-\nuser:1234:rw-\ngroup::r--\ngroup:4321:r--\nmask::rw-\nother::r--\n\n' +
      'user::rwx\ngroup::r-x\nother::r-x\ndefault:user::rwx\ndefault:user:1234:rwx\ndefault:group::r-x\n' +
      'default:group:4321:r-x\ndefault:mask::rwx\ndefault:other::r-x'
    expect(acl).toBe(variant === 'split-squashfs' ? withoutAcl : withAcl) // a squashfs cannot hold ACLs
    const time = await lxd.run(instance, ['stat', '-c', '%y', '/srv/torture/time'])
    expect(time).toContain(variant === 'split-squashfs' ? '04:05:06.000000000' : '04:05:06.123456789')
  })

  test('is exported by LXD and read back', async () => {
    const exported = await exportImage(image)
    expect(await inspect(exported)).toMatchObject({ format: 'lxd', architecture: 'x86_64' })
    const different = await differences(images.system, exported, '--times')
    if (variant !== 'split-squashfs') return expect(different).toEqual([])
    for (const line of different) expect(line).toMatch(/^~ \/.* {2}(mtime|xattrs|mtime, xattrs)$/)
    const withAcl = different.filter((line) => line.includes('xattrs')).map((line) => line.split('  ')[0])
    expect(withAcl).toContain('~ /srv/torture/acl')
  })
})

test('LXD fills in the templates', async () => {
  expect(await lxd.run('instance-unified', ['hostname'])).toBe('instance-unified')
  expect(await lxd.run('instance-unified', ['cat', '/etc/hostname', '/etc/ingot/greeting'])).toBe(
    'instance-unified\nhello Ingot',
  )
  const { templates } = await inspect(`lxd:${join(lxd.folder, 'unified')}`)
  expect(templates.map(({ target }) => target).sort()).toEqual(['/etc/hostname', '/etc/ingot/greeting'])
})

test('properties given to pack are shown by LXD', async () => {
  const properties = { os: 'Ingot', release: '1', serial: '20260101', description: 'packed: by "Ingot" — ☃' }
  const flags = Object.entries(properties).flatMap(([key, value]) => ['--property', `${key}=${value}`])
  const out = join(lxd.folder, 'packed')
  await importImage(await written(['pack', images.app, '--to', 'lxd', '-o', out, ...flags]), 'packed')
  const found = JSON.parse(await lxd.lxc(['image', 'list', 'packed', '--format', 'json']))
  expect(found[0].properties).toMatchObject(properties)
})

test.for(['gzip', 'xz', 'none'])('LXD takes images compressed with %s', async (kind) => {
  for (const variant of ['unified', 'split-tar'] as const) {
    const out = join(lxd.folder, `${kind}-${variant}`)
    const flags = ['--to', 'lxd', '--variant', variant, '--compression', kind, '-o', out]
    await importImage(await written(['convert', images.app, ...flags]), `${kind}-${variant}`)
    await lxd.lxc(['init', `${kind}-${variant}`, `${kind}-${variant}`])
  }
})

test('what LXD publishes from an instance that was never started is the same tree', async () => {
  await lxd.lxc(['init', 'image-unified', 'fresh'])
  await lxd.lxc(['publish', 'fresh', '--alias', 'published-gzip', 'description=published'])
  const exported = await exportImage('published-gzip')
  expect(await inspect(exported)).toMatchObject({ properties: { description: 'published' } })
  expect(await differences(images.system, exported)).toEqual([]) // LXD rounds times to seconds
})

test('what LXD publishes from an instance that ran, with zstd, can be converted and starts again', async () => {
  await lxd.lxc(['stop', 'instance-unified', '--force'])
  await lxd.lxc(['publish', 'instance-unified', '--alias', 'published-zstd', '--compression', 'zstd'])
  const exported = await exportImage('published-zstd')
  const different = await differences(images.system, exported)
  expect(different).toContain('+ /etc/ingot/greeting')
  // LXD has given file capabilities the form of user namespaces (revision 3), and leaves it at that.
  const capabilities = ['~ /srv/torture/ping  xattrs', '~ /usr/bin/ping  xattrs']
  expect(different).toEqual(expect.arrayContaining(capabilities))
  // A Debian that runs writes to these, and LXD's templates to /etc.
  const others = different.filter((line) => !capabilities.includes(line))
  for (const line of others) expect(line).toMatch(/^[+~] \/(etc|tmp|var)\//)
  const out = join(lxd.folder, 'republished')
  await importImage(await written(['convert', exported, '--to', 'lxd', '-o', out]), 'republished')
  await lxd.lxc(['launch', 'republished', 'again'])
  expect(await lxd.booted('again')).toBe('running')
  expect(await lxd.run('again', ['hostname'])).toBe('again')
  expect(await lxd.run('again', ['sh', '-c', tortureScript])).toBe(tortureReport())
  await ingot(['convert', exported, '--to', 'rootfs', '-o', join(lxd.folder, 'rootfs.tar.zst')])
})
