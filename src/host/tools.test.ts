import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { distribution, familyOf, parseOsRelease } from './os-release.ts'
import { findTool, installCommand, requireTool, tools } from './tools.ts'

const path = process.env.PATH
afterEach(() => {
  process.env.PATH = path
})

test('finds programs in PATH and in sbin, and only programs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tools-test-'))
  try {
    writeFileSync(join(folder, 'ours'), '#!/bin/sh\n')
    writeFileSync(join(folder, 'text'), 'x')
    chmodSync(join(folder, 'ours'), 0o755)
    mkdirSync(join(folder, 'folder'))
    process.env.PATH = folder
    expect(await findTool('ours')).toBe(join(folder, 'ours'))
    expect(await findTool('text')).toBeUndefined()
    expect(await findTool('folder')).toBeUndefined()
    expect(await findTool(join(folder, 'ours'))).toBe(join(folder, 'ours'))
    expect(await findTool('chroot')).toMatch(/^(\/usr)?\/sbin\/chroot$/)
    await expect(requireTool('tar2sqfs')).rejects.toMatchObject({
      code: 'missing-tool',
      message: 'the program tar2sqfs is not installed; it is needed for writing LXD images with a squashfs',
      hint: expect.stringContaining('squashfs'),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('install commands by family, each package once', () => {
  const wanted = tools.filter(({ name }) => ['sqfs2tar', 'tar2sqfs', 'xz'].includes(name))
  expect(installCommand(wanted, 'debian').join(' ')).toBe(
    'apt-get install -y --no-install-recommends squashfs-tools-ng xz-utils',
  )
  expect(installCommand(wanted, 'suse').join(' ')).toBe('zypper --non-interactive install squashfs-tools-ng xz')
  expect(installCommand([], 'debian')).toEqual([])
  const onlyDebian = { name: 'x', purpose: '', neededFor: '', packages: { debian: 'x' } }
  expect(installCommand([onlyDebian], 'alpine')).toEqual([])
})

test('os-release: quotes, comments, families', () => {
  const values = parseOsRelease(
    '# no\nID="opensuse-leap"\nNAME=\'a "b"\'\nX="say \\"hi\\" \\$5"\nEMPTY=\nbad line\nID_LIKE="suse opensuse"\n',
  )
  expect([...values]).toEqual([
    ['ID', 'opensuse-leap'],
    ['NAME', 'a "b"'],
    ['X', 'say "hi" $5'],
    ['EMPTY', ''],
    ['ID_LIKE', 'suse opensuse'],
  ])
  expect(familyOf(values)).toBe('suse')
  expect(familyOf(parseOsRelease('ID=linuxmint\nID_LIKE="ubuntu debian"'))).toBe('debian')
  expect(familyOf(parseOsRelease('ID=rocky\nID_LIKE="rhel centos fedora"'))).toBe('fedora')
  expect(familyOf(parseOsRelease('ID=gentoo'))).toBeUndefined()
  expect(distribution().name.length).toBeGreaterThan(0)
})
