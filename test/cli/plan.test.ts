import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTinyRoot } from '../../src/build/test-root.ts'
import { ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

const folder = ownFolder('plan')
const home = join(folder, 'home')
const recipe = join(folder, 'ingot.yaml')
mkdirSync(join(folder, 'tiny'))
makeTinyRoot(join(folder, 'tiny'))

interface Plan {
  readonly architecture: string
  readonly steps: readonly { readonly title: string; readonly cached: boolean }[]
  readonly outputs: readonly { readonly files: readonly string[] }[]
  readonly fingerprint?: string
}

function write(outputs: string, content = 'one'): void {
  writeFileSync(
    recipe,
    `name: lab/planned-1\nfrom: dir:tiny\narchitecture: x86_64\nsteps:\n  - write: { path: /a, content: a }\n  - write: { path: /b, content: ${content} }\noutputs: [${outputs}]\n`,
  )
}

async function plan(): Promise<Plan> {
  const shown = await ingot(['plan', recipe, '--home', home, '--format', 'json'])
  expect(shown.status, shown.stderr).toBe(0)
  return JSON.parse(shown.stdout.toString()) as Plan
}

test('a plan tells what would be done, and does none of it', async () => {
  write('rootfs, "lxd"')
  const fresh = await ingot(['plan', recipe, '--home', home])
  const [heading, , ...lines] = fresh.stdout.toString().split('\n')
  expect(heading).toBe('lab/planned-1, x86_64')
  expect(lines.map((line) => line.replace(/ {2}[0-9a-f]{12} {2}/, '  ').trimEnd())).toEqual([
    '0     to do  dir tiny',
    '1     to do  write: /a',
    '2     to do  write: /b',
    '',
    'OUTPUT  FILES',
    'rootfs  lab-planned-1.rootfs.tar.zst',
    'lxd     lab-planned-1.lxd.tar.gz, lab-planned-1.rootfs.squashfs',
    '',
  ])
  expect((await plan()).steps.map(({ cached }) => cached)).toEqual([false, false, false])
  expect((await ingot(['build', recipe, '--home', home])).status).toBe(0)
  const after = await plan()
  expect(after.steps.map(({ cached }) => cached)).toEqual([true, true, true])
  expect(after.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  write('rootfs', 'two')
  const changed = await plan()
  expect(changed.steps.map(({ cached }) => cached)).toEqual([true, true, false])
  expect(changed.fingerprint).toBeUndefined()
})

test('its files are those that a build writes', async () => {
  write(
    [
      '{ format: rootfs, compression: "gzip:1" }',
      'rootfs',
      'lxd',
      '{ format: lxd, variant: unified, compression: none }',
      'oci',
      'oci-archive',
      'docker',
      '{ format: proxmox, compression: gzip }',
      'dir',
    ].join(', '),
  )
  const files = (await plan()).outputs.flatMap((output) => output.files).map((file) => file.replace(/\/$/, ''))
  const out = join(folder, 'out')
  const built = await ingot(['build', recipe, '--home', home, '-o', out])
  expect(built.status, built.stderr).toBe(0)
  const written = readdirSync(out).map((name) => (name.includes('_') ? `*.${name.replace(/^.*?\.(?=tar)/, '')}` : name))
  expect(written.sort()).toEqual([...files].sort())
})

test('two outputs for one file are refused before anything is done', async () => {
  write('rootfs, { format: lxd, variant: split-tar }')
  const out = join(folder, 'refused')
  const built = await ingot(['build', recipe, '--home', home, '-o', out])
  expect(built.status).toBe(2)
  expect(built.stderr).toContain('lab-planned-1.rootfs.tar.zst: rootfs and lxd (split-tar)')
  expect(() => readdirSync(out)).toThrow()
})
