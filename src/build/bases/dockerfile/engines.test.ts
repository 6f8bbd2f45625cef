import { expect, test } from 'vitest'
import { buildArguments } from './engines.ts'

const build = {
  file: '/r/Dockerfile',
  context: '/r',
  args: {},
  target: undefined,
  platform: undefined,
  anew: false,
  name: 'n',
  work: '/w',
}

test('what all engines are told', () => {
  expect(buildArguments(build)).toEqual(['--tag', 'n', '--file', '/r/Dockerfile', '/r'])
  const args = { A: 'b c', B: '' }
  expect(buildArguments({ ...build, args, target: 'first', platform: 'linux/arm64', anew: true }).slice(4)).toEqual([
    ...['--build-arg=A=b c', '--build-arg=B=', '--target', 'first', '--platform', 'linux/arm64'],
    ...['--no-cache', '--pull', '/r'],
  ])
})
