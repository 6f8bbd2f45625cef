import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder } from '../support/store.ts'

const top = join(import.meta.dirname, '../..')

test('systemd takes the units of the daily prune', (context) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) context.skip('systemd-analyze is not installed')
  const folder = ownFolder('units')
  const verify = (name: string) =>
    spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, name)]).stderr.toString()
  for (const name of ['ingot-prune.service', 'ingot-prune.timer']) {
    const unit = readFileSync(join(top, 'packaging/systemd', name), 'utf8')
    writeFileSync(join(folder, name), unit.replaceAll('/usr/local/bin/ingot', join(top, 'bin/ingot')))
  }
  const said = (name: string) =>
    verify(name)
      .split('\n')
      .filter((line) => line.includes('ingot-prune'))
  expect(said('ingot-prune.service')).toEqual([])
  expect(said('ingot-prune.timer')).toEqual([])
  writeFileSync(join(folder, 'broken.timer'), '[Timer]\nOnCalendar=whenever\n')
  expect(verify('broken.timer')).toContain('broken.timer')
})
