import { expect, test } from 'vitest'
import { parsePlatform } from '../image/platform.ts'
import { selectCandidate } from './select.ts'
import type { Candidate } from './types.ts'

function candidate(names: string[], platform?: string): Candidate {
  return {
    names,
    ...(platform ? { platform: parsePlatform(platform) } : {}),
    open: () => Promise.reject(new Error('not opened here')),
  }
}

const foreign = process.arch === 's390x' ? 'linux/arm64' : 'linux/s390x'
const native = { x64: 'linux/amd64', arm64: 'linux/arm64' }[process.arch as 'x64' | 'arm64'] ?? `linux/${process.arch}`
const multi = [candidate(['app:1'], native), candidate(['app:1'], foreign)]

test('a single image needs no choosing', () => {
  expect(selectCandidate([multi[1]!], {}, 'x.tar')).toBe(multi[1])
})

test('the platform chooses', () => {
  expect(selectCandidate(multi, { platform: parsePlatform(foreign) }, 'x.tar')).toBe(multi[1])
})

test('without one, the host’s platform is taken', () => {
  expect(selectCandidate(multi, {}, 'x.tar')).toBe(multi[0])
})

test('a name matches by its short forms', () => {
  const images = [candidate(['docker.io/library/debian:12']), candidate(['docker.io/library/debian:13'])]
  for (const name of ['docker.io/library/debian:13', 'debian:13', '13']) {
    expect(selectCandidate(images, { name }, 'x.tar')).toBe(images[1])
  }
})

test('what cannot be chosen is an error that lists what there is', () => {
  const images = [candidate(['a:1'], native), candidate(['b:1'], native)]
  expect(() => selectCandidate(images, {}, 'x.tar')).toThrow(
    /several images fit. There is:\n {2}a:1 {2}linux\/.*\n {2}b:1/,
  )
  expect(() => selectCandidate(images, { name: 'c' }, 'x.tar')).toThrow(/there is no c in it. There is:\n {2}a:1/)
  expect(() => selectCandidate(images, { platform: parsePlatform(foreign) }, 'x.tar')).toThrow(/there is no linux\//)
  expect(() => selectCandidate([], {}, 'x.tar')).toThrow(/there is no image in it/)
})
