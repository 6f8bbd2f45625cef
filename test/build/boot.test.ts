import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

function need(context: TestContext): void {
  if (process.getuid?.() !== 0) context.skip('needs root')
  for (const tool of ['mmdebstrap', 'bwrap', 'lxc-start']) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) context.skip(`${tool} is not installed`)
  }
}

test('an image is started before it is published, and what is wrong with it is said', async (context) => {
  need(context)
  const folder = ownFolder('boot')
  const home = join(folder, 'home')
  const build = async (tests: string) => {
    const steps =
      'steps:\n  - packages: [systemd, systemd-sysv, dbus]\n  - mask: [sys-kernel-config.mount, sys-kernel-debug.mount, sys-kernel-tracing.mount]\n'
    writeFileSync(
      join(folder, 'ingot.yaml'),
      `name: boots\nfrom: debootstrap:debian/bookworm\n${steps}tests:\n${tests}`,
    )
    const outcome = await ingot(['build', folder, '--home', home])
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toMatch(/lxc-start -n ingot-/)
    return outcome
  }
  const good = await build(
    '  - boot: { within: 2m, run: ["test -s /etc/machine-id", "systemctl is-active dbus.socket"] }\n',
  )
  expect(good.stderr).toContain('✓ boot: running within 120 s')
  expect(good.status).toBe(0)
  const bad = await build('  - boot: { within: 2m, run: ["exit 7"] }\n  - boot: { within: 1s, expect: degraded }\n')
  expect(bad.status).toBe(10)
  expect(bad.stderr).toContain('"exit 7" ended with exit status 7')
  expect(bad.stderr).toContain('after 1 s it is')
}, 400_000)
