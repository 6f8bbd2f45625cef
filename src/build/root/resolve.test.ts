import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../test-root.ts'
import { resolveInRoot } from './resolve.ts'

const root = testFolder()
mkdirSync(join(root, 'usr/bin'), { recursive: true })
symlinkSync('usr/bin', join(root, 'bin'))
symlinkSync('/etc/real', join(root, 'absolute'))
symlinkSync('../../../../etc', join(root, 'usr/climbing'))
symlinkSync('two', join(root, 'one'))
symlinkSync('one', join(root, 'two'))

test.each([
  ['/usr/bin/sh', 'usr/bin/sh'],
  ['/bin/sh', 'usr/bin/sh'],
  ['bin/../x', 'usr/x'],
  ['/absolute/passwd', 'etc/real/passwd'],
  ['/usr/climbing/passwd', 'etc/passwd'],
  ['/../../etc', 'etc'],
  ['/', ''],
  ['/not/there/yet', 'not/there/yet'],
])('%s is %s inside the root', (path, expected) => {
  expect(resolveInRoot(root, path)).toBe(join(root, expected))
})

test('a link in the last place is kept when asked', () => {
  expect(resolveInRoot(root, '/bin', true)).toBe(join(root, 'bin'))
  expect(resolveInRoot(root, '/bin/', true)).toBe(join(root, 'bin'))
  expect(resolveInRoot(root, '/usr/../bin/sh', true)).toBe(join(root, 'usr/bin/sh'))
})

test('links in a circle are an error', () => {
  expect(() => resolveInRoot(root, '/one/x')).toThrow('too many symbolic links')
})
