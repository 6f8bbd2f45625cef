import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../test-root.ts'
import { archiveDate } from './archive-date.ts'

const folder = testFolder()

function lists(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content)
  return path
}

test('the newest date of all Release files counts', () => {
  const path = lists('several', {
    a_dists_x_InRelease: '-----BEGIN PGP SIGNED MESSAGE-----\n\nSuite: x\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n',
    a_dists_y_Release: 'Suite: y\nDate: Thu, 19 Nov 2026 02:12:54 UTC\nValid-Until: Thu, 26 Nov 2026 02:12:54 UTC\n',
    'a_dists_y_main_binary-amd64_Packages': 'Date: Fri, 20 Nov 2026 00:00:00 UTC\n',
    lock: '',
  })
  expect(archiveDate(path)).toBe(1_795_054_374)
})

test('no date is an error', () => {
  expect(() => archiveDate(lists('none', { a_dists_x_InRelease: 'Suite: x\n' }))).toThrow('no Release file')
})
