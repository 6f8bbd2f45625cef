import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBundle } from '../../bin/bundle.js'
import { ownFolder } from '../support/store.ts'

const top = join(import.meta.dirname, '../..')

test('a bundle is taken for as long as it is newer than all of its sources', () => {
  const root = ownFolder('bundle')
  const [list, source] = [join(root, 'dist/sources.json'), join(root, 'src/one.ts')]
  expect(findBundle(root)).toBeUndefined()
  for (const name of ['dist', 'src']) mkdirSync(join(root, name))
  writeFileSync(list, '["src/one.ts"]')
  expect(findBundle(root)).toBeUndefined()
  writeFileSync(source, '')
  utimesSync(list, 2000, 2000)
  const found = [1999, 2000, 2001].map((time) => {
    utimesSync(source, time, time)
    return findBundle(root)
  })
  expect(found).toEqual([join(root, 'dist/cli/program.mjs'), undefined, undefined])
})

test('a bundle says and does what its sources do', () => {
  const root = ownFolder('bundle')
  for (const name of ['bin', 'src', 'scripts', 'package.json', 'package-lock.json']) {
    cpSync(join(top, name), join(root, name), { recursive: true })
  }
  symlinkSync(join(top, 'node_modules'), join(root, 'node_modules'))
  execFileSync('node', [join(root, 'scripts/bundle.ts')])
  expect(findBundle(root)).toBeDefined()
  const convert = `convert dir:${root}/bin --to rootfs --architecture arm64 -o - --compression zstd`
  const commands = ['--version', '--help', 'image list --help', 'recipe schema', 'completion bash', convert]
  const outputs = () => commands.map((words) => execFileSync(join(root, 'bin/ingot'), words.split(' ')).toString('hex'))
  const bundled = outputs()
  rmSync(join(root, 'dist'), { recursive: true })
  expect(outputs()).toEqual(bundled)
})
