import type { DebianLike, DebootstrapBase } from '../../../recipe/bases/debootstrap.ts'

type Archive = Pick<DebootstrapBase, 'distribution' | 'suite' | 'mirror' | 'snapshot' | 'components'>

/** Suites that have neither updates nor security updates of their own: all goes into them. */
const rolling = ['sid', 'unstable', 'testing', 'experimental', 'ceres', 'devel']

/**
 * The archive's lines of sources.list(5), or what mmdebstrap makes them of: nothing for Debian's own as it is now, which mmdebstrap
 * knows best. A mirror that is named has the suite alone; the distributions' own have its updates too. What the image gets of packages
 * later comes from the same places, and so of the same snapshot.
 */
export function sourcesOf(base: Archive, architecture: string): readonly string[] {
  const { distribution, suite, mirror, snapshot } = base
  if (mirror !== undefined) {
    return snapshot === undefined ? [mirror] : [line(base, `${mirror.replace(/\/+$/, '')}/${snapshot}`, suite)]
  }
  if (distribution === 'debian' && snapshot === undefined) return []
  const { main, security } = snapshot === undefined ? ownArchive(distribution, architecture) : ownSnapshots(base)
  if (rolling.includes(suite)) return [line(base, main, suite)]
  return [line(base, main, suite), line(base, main, `${suite}-updates`), line(base, security, `${suite}-security`)]
}

/** A snapshot's Release file has long expired, which apt otherwise takes for somebody who holds updates back. */
function line({ snapshot, components }: Archive, url: string, suite: string): string {
  return ['deb', ...(snapshot === undefined ? [] : ['[check-valid-until=no]']), url, suite, ...components].join(' ')
}

interface Urls {
  readonly main: string
  readonly security: string
}

function ownArchive(distribution: DebianLike, architecture: string): Urls {
  if (distribution === 'devuan') return same('http://deb.devuan.org/merged')
  if (['amd64', 'i386'].includes(architecture)) {
    return { main: 'http://archive.ubuntu.com/ubuntu', security: 'http://security.ubuntu.com/ubuntu' }
  }
  return same('http://ports.ubuntu.com/ubuntu-ports')
}

/** By HTTP, as all archives: apt checks signatures, and a small image has no certificates to ask by HTTPS with. */
function ownSnapshots({ distribution, snapshot }: Archive): Urls {
  if (distribution === 'ubuntu') return same(`http://snapshot.ubuntu.com/ubuntu/${snapshot}`)
  const service = 'http://snapshot.debian.org/archive'
  return { main: `${service}/debian/${snapshot}`, security: `${service}/debian-security/${snapshot}` }
}

function same(url: string): Urls {
  return { main: url, security: url }
}
