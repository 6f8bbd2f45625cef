import { expect, test } from 'vitest'
import { familiarName, fullName, parseDockerName, requireDockerName } from './docker-name.ts'

test.each([
  ['debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['debian:12', 'docker.io/library/debian:12', 'debian:12'],
  ['debian/12', 'docker.io/debian/12:latest', 'debian/12:latest'],
  ['docker.io/library/debian:12', 'docker.io/library/debian:12', 'debian:12'],
  ['index.docker.io/a/b', 'docker.io/a/b:latest', 'a/b:latest'],
  ['localhost/x:1', 'localhost/x:1', 'localhost/x:1'],
  ['localhost:5000/x', 'localhost:5000/x:latest', 'localhost:5000/x:latest'],
  ['ghcr.io/o/p/q:T_1.2-3', 'ghcr.io/o/p/q:T_1.2-3', 'ghcr.io/o/p/q:T_1.2-3'],
  ['[::1]:5000/x', '[::1]:5000/x:latest', '[::1]:5000/x:latest'],
  ['a__b/c--d.e', 'docker.io/a__b/c--d.e:latest', 'a__b/c--d.e:latest'],
])('%s is %s', (text, full, familiar) => {
  const name = requireDockerName(text)
  expect(fullName(name)).toBe(full)
  expect(familiarName(name)).toBe(familiar)
  expect(parseDockerName(full)).toEqual(name)
})

test.each([
  '',
  'Debian',
  'a//b',
  '/a',
  'a/',
  'a:',
  ':1',
  'a:b:c',
  'a b',
  'a:-x',
  'a___b',
  '-a',
  'a..b',
  'a:é',
  'x/é',
  `a@sha256:${'0'.repeat(64)}`,
  `a:${'t'.repeat(129)}`,
  `${'p/'.repeat(130)}x`,
])('%j is no name', (text) => {
  expect(parseDockerName(text)).toBeUndefined()
  expect(() => requireDockerName(text)).toThrow(expect.objectContaining({ code: 'usage' }))
})
