import { expect, test } from 'vitest'
import { parseRecipe } from '../../../recipe/load.ts'
import { sourcesOf } from './sources.ts'

function lines(from: string, architecture = 'amd64'): readonly string[] {
  const base = parseRecipe(`name: a\nfrom: ${from}\n`, 'r.yaml').from
  if (base.kind !== 'debootstrap') throw new Error('another base')
  return sourcesOf(base, architecture)
}

test('mmdebstrap knows Debian’s own archive', () => {
  expect(lines('debootstrap:debian/bookworm')).toEqual([])
})

test('Ubuntu’s archive, and that of its ports', () => {
  expect(lines('debootstrap:ubuntu/noble')).toEqual([
    'deb http://archive.ubuntu.com/ubuntu noble main universe',
    'deb http://archive.ubuntu.com/ubuntu noble-updates main universe',
    'deb http://security.ubuntu.com/ubuntu noble-security main universe',
  ])
  expect(lines('{ debootstrap: ubuntu/noble, components: [main] }', 'arm64')).toEqual([
    'deb http://ports.ubuntu.com/ubuntu-ports noble main',
    'deb http://ports.ubuntu.com/ubuntu-ports noble-updates main',
    'deb http://ports.ubuntu.com/ubuntu-ports noble-security main',
  ])
})

test('Devuan’s archive', () => {
  expect(lines('debootstrap:devuan/daedalus')).toEqual([
    'deb http://deb.devuan.org/merged daedalus main',
    'deb http://deb.devuan.org/merged daedalus-updates main',
    'deb http://deb.devuan.org/merged daedalus-security main',
  ])
  expect(lines('debootstrap:devuan/ceres')).toEqual(['deb http://deb.devuan.org/merged ceres main'])
})

test('a mirror that is named', () => {
  expect(lines('{ debootstrap: ubuntu/noble, mirror: "http://m.example/u" }')).toEqual(['http://m.example/u'])
})

test('snapshots, whose Release files may have expired', () => {
  expect(lines('{ debootstrap: debian/bookworm, snapshot: 2026-11-01 }')).toEqual([
    'deb [check-valid-until=no] http://snapshot.debian.org/archive/debian/20261101T000000Z bookworm main',
    'deb [check-valid-until=no] http://snapshot.debian.org/archive/debian/20261101T000000Z bookworm-updates main',
    'deb [check-valid-until=no] http://snapshot.debian.org/archive/debian-security/20261101T000000Z bookworm-security main',
  ])
  expect(lines('{ debootstrap: debian/sid, snapshot: "2026-11-01T08:00:00Z" }')).toEqual([
    'deb [check-valid-until=no] http://snapshot.debian.org/archive/debian/20261101T080000Z sid main',
  ])
  expect(lines('{ debootstrap: ubuntu/noble, snapshot: 2026-11-01, components: [main] }')[0]).toBe(
    'deb [check-valid-until=no] http://snapshot.ubuntu.com/ubuntu/20261101T000000Z noble main',
  )
  expect(lines('{ debootstrap: devuan/ceres, snapshot: 2026-11-01, mirror: "https://m.example/d/" }')).toEqual([
    'deb [check-valid-until=no] https://m.example/d/20261101T000000Z ceres main',
  ])
})
