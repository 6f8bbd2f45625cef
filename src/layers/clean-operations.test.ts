import { expect, test } from 'vitest'
import { type EntryType, makeHeader } from '../image/entry.ts'
import { cleanOperations } from './clean-operations.ts'

function operation(name: string): (typeof cleanOperations)[number] {
  const found = cleanOperations.find((one) => one.name === name)
  if (!found) throw new Error(`no operation ${name}`)
  return found
}

/** Real paths that each operation takes away, and neighbours that it must leave. */
const removed: Readonly<Record<string, readonly [gone: readonly string[], stays: readonly string[]]>> = {
  'ssh-host-keys': [
    [
      'etc/ssh/ssh_host_rsa_key',
      'etc/ssh/ssh_host_ed25519_key.pub',
      'etc/ssh/ssh_host_ecdsa_key-cert.pub',
      'etc/dropbear/dropbear_ed25519_host_key',
    ],
    [
      'etc/ssh/sshd_config',
      'etc/ssh/ssh_config',
      'etc/ssh/moduli',
      'etc/ssh/sshd_config.d/ca.conf',
      'etc/ssh/user_ca.pub',
      'home/u/etc/ssh/ssh_host_rsa_key',
      'etc/dropbear/run',
    ],
  ],
  'machine-id': [
    ['var/lib/dbus/machine-id', 'var/lib/zypp/AnonymousUniqueId'],
    ['etc/machine-info', 'var/lib/dbus/other', 'etc/machine-id.bak/x'],
  ],
  'random-seed': [
    [
      'var/lib/systemd/random-seed',
      'var/lib/systemd/credential.secret',
      'var/lib/urandom/random-seed',
      'var/lib/misc/random-seed',
      'var/lib/random-seed',
      'var/lib/seedrng/seed.credit',
      'var/lib/seedrng/seed.no-credit',
    ],
    ['var/lib/systemd/random-seeds', 'var/lib/systemd/timers/x', 'etc/init.d/random-seed', 'var/lib/seedrng/README'],
  ],
  'shell-histories': [
    [
      'root/.bash_history',
      'home/u/.zsh_history',
      'home/u/.ash_history',
      'root/.sh_history',
      'root/.ksh_history',
      'home/u/.python_history',
      'home/u/.node_repl_history',
      'home/u/.mariadb_history',
      'var/lib/postgresql/.psql_history',
      '.bash_history',
      'home/u/.octave_hist',
      'home/u/.Rhistory',
      'home/u/.history',
      'root/.lesshst',
      'root/.viminfo',
      'root/.wget-hsts',
      'home/u/.local/share/fish/fish_history',
      'home/u/.local/share/nano/search_history',
      'home/u/.local/state/nvim/shada/main.shada',
      'home/u/.ipython/profile_default/history.sqlite',
      'home/u/.xsession-errors',
      'home/u/.xsession-errors.old',
    ],
    [
      'root/.bashrc',
      'root/.profile',
      'home/u/.zshrc',
      'home/u/.vimrc',
      'home/u/.ssh/authorized_keys',
      'home/u/.config/fish/config.fish',
      'home/u/project/.bash_history',
      'home/u/bash_history',
      'etc/skel/.bash_history',
      'usr/share/doc/x/.viminfo',
    ],
  ],
  'dhcp-leases': [
    [
      'var/lib/dhcp/dhclient.leases',
      'var/lib/dhcp/dhclient.eth0.leases',
      'var/lib/dhcp/dhcpd.leases~',
      'var/lib/dhclient/dhclient--eth0.lease',
      'var/lib/dhcpcd/eth0.lease',
      'var/lib/dhcpcd/eth0.lease6',
      'var/lib/dhcpcd/duid',
      'etc/dhcpcd.duid',
      'var/lib/NetworkManager/internal-6c2f-eth0.lease',
      'var/lib/NetworkManager/secret_key',
      'var/lib/NetworkManager/timestamps',
      'var/lib/NetworkManager/seen-bssids',
      'var/lib/misc/dnsmasq.leases',
      'var/lib/wicked/lease-eth0-dhcp-ipv4.xml',
      'var/lib/systemd/network/dhcp-server-lease/eth0',
    ],
    [
      'etc/dhcp/dhclient.conf',
      'etc/dhcpcd.conf',
      'var/lib/dhcp',
      'var/lib/NetworkManager/NetworkManager.state',
      'etc/systemd/network/10-eth0.network',
      'var/lib/misc/other',
      'var/lib/dhcpcd/README',
    ],
  ],
  'cloud-init': [
    [
      'var/lib/cloud/instance',
      'var/lib/cloud/instances/i-1/user-data.txt',
      'var/lib/cloud/data/result.json',
      'var/lib/cloud/sem/x',
      'var/lib/cloud/seedling',
    ],
    [
      'var/lib/cloud',
      'var/lib/cloud/seed',
      'var/lib/cloud/seed/nocloud/user-data',
      'etc/cloud/cloud.cfg',
      'var/lib/cloudy/x',
    ],
  ],
  'container-marks': [
    ['.dockerenv', '.dockerinit', 'run/.containerenv', '.containerenv'],
    ['home/.dockerenv', '.dockerignore', 'etc/.dockerenv'],
  ],
  run: [
    ['run/lock', 'run/systemd/x', 'run/utmp'],
    ['run', 'running', 'var/run/x', 'runs/x'],
  ],
  tmp: [
    ['tmp/x', 'tmp/.X11-unix/X0'],
    ['tmp', 'tmpfiles', 'usr/tmp/x', 'srv/tmp/x'],
  ],
  'var-tmp': [
    ['var/tmp/x', 'var/tmp/a/b'],
    ['var/tmp', 'var/tmpl/x'],
  ],
  dev: [
    ['dev/null', 'dev/pts/0'],
    ['dev', 'devel/x', 'usr/lib/dev/x'],
  ],
  'var-backups': [['var/backups/dpkg.status.0'], ['var/backups', 'var/backup/x']],
  'var-cache': [
    ['var/cache/man/index.db', 'var/cache/apt/pkgcache.bin'],
    ['var/cache', 'var/cached/x', 'home/u/.cache/x'],
  ],
  'var-crash': [['var/crash/_usr_bin_x.0.crash'], ['var/crash', 'var/lib/crash/x']],
  'var-log': [
    ['var/log/syslog', 'var/log/journal/id/system.journal'],
    ['var/log', 'var/logs/x', 'usr/log/x'],
  ],
  'apt-lists': [
    ['var/lib/apt/lists/mirror_dists_x_InRelease', 'var/lib/apt/lists/partial'],
    ['var/lib/apt/lists', 'var/lib/apt/extended_states', 'etc/apt/sources.list'],
  ],
  'apt-archives': [
    [
      'var/cache/apt/archives/x_1_amd64.deb',
      'var/cache/apt/archives/partial',
      'var/cache/apt/pkgcache.bin',
      'var/cache/apt/srcpkgcache.bin',
    ],
    ['var/cache/apt', 'var/cache/apt/archives', 'var/cache/debconf/config.dat'],
  ],
  'old-files': [
    [
      'etc/default/grub.dpkg-old',
      'etc/x/y.conf.dpkg-dist',
      'etc/a.ucf-old',
      'etc/passwd-',
      'etc/subgid-',
      'var/lib/dpkg/status-old',
      'var/lib/dpkg/arch-old',
      'var/lib/x/y.dpkg-new',
    ],
    ['etc/passwd', 'etc/x/passwd-', 'etc/default/grub', 'etc/dpkg-old', 'var/lib/dpkg/status', 'home/u/x.dpkg-old'],
  ],
}

test.each(Object.keys(removed))('%s takes away what it says, and no neighbour', (name) => {
  const [gone, stays] = removed[name]!
  for (const path of gone)
    expect.soft(operation(name).apply(makeHeader({ path, type: 'file', size: 5 })), path).toBeUndefined()
  for (const path of stays) {
    const header = makeHeader({ path, type: 'file', size: 5 })
    expect.soft(operation(name).apply(header), path).toBe(header)
  }
})

test('every operation that removes is in the table above', () => {
  const special = ['resolv-conf', 'device-nodes']
  expect(cleanOperations.map(({ name }) => name).sort()).toEqual([...Object.keys(removed), ...special].sort())
})

test('a directory goes only together with all that is in it', () => {
  const kept = (name: string, path: string) =>
    operation(name).apply(makeHeader({ path, type: 'directory' })) !== undefined
  expect(kept('ssh-host-keys', 'etc/ssh/ssh_host_keys')).toBe(true)
  expect(kept('shell-histories', 'root/.history')).toBe(true)
  expect(kept('old-files', 'etc/conf.d.dpkg-old')).toBe(true)
  expect(kept('cloud-init', 'var/lib/cloud/instances')).toBe(false)
  expect(kept('apt-archives', 'var/cache/apt/archives/partial')).toBe(false)
})

test.each([
  ['machine-id', 'etc/machine-id'],
  ['resolv-conf', 'etc/resolv.conf'],
])('%s: the file becomes empty, a symlink stays', (name, path) => {
  const { apply } = operation(name)
  const file = makeHeader({ path, type: 'file', size: 33, mode: 0o444, sparse: [{ offset: 0, length: 33 }] })
  expect(apply(file)).toEqual(makeHeader({ path, type: 'file', mode: 0o444 }))
  const empty = makeHeader({ path, type: 'file' })
  expect(apply(empty)).toBe(empty)
  const symlink = makeHeader({ path, type: 'symlink', linkTarget: '../run/x' })
  expect(apply(symlink)).toBe(symlink)
  expect(apply(makeHeader({ path, type: 'hardlink', linkTarget: 'x' }))).toEqual(makeHeader({ path, type: 'file' }))
  const neighbour = makeHeader({ path: `${path}.d`, type: 'file', size: 1 })
  expect(apply(neighbour)).toBe(neighbour)
})

test('D-Bus’s machine id stays where it is a symlink to the other', () => {
  const symlink = makeHeader({ path: 'var/lib/dbus/machine-id', type: 'symlink', linkTarget: '/etc/machine-id' })
  expect(operation('machine-id').apply(symlink)).toBe(symlink)
  expect(operation('machine-id').apply(makeHeader({ ...symlink, type: 'hardlink' }))).toBeUndefined()
})

test('device nodes anywhere, and nothing else', () => {
  const { apply } = operation('device-nodes')
  const at = (type: EntryType) => apply(makeHeader({ path: 'var/spool/postfix/dev/random', type }))
  expect([at('char'), at('block')]).toEqual([undefined, undefined])
  for (const type of ['file', 'fifo', 'symlink', 'directory', 'hardlink'] as const) expect(at(type)).toBeDefined()
})

/** The list in the lab's manual: these are 1777, all others 0755. */
test.each([
  ['run', 'run', 0o755],
  ['tmp', 'tmp', 0o1777],
  ['dev', 'dev', 0o755],
  ['var-backups', 'var/backups', 0o755],
  ['var-cache', 'var/cache', 0o755],
  ['var-crash', 'var/crash', 0o1777],
  ['var-log', 'var/log', 0o755],
  ['var-tmp', 'var/tmp', 0o1777],
])('%s: the folder stays, with its owner and mode %3$o', (name, path, mode) => {
  const { apply } = operation(name)
  const odd = makeHeader({ path, type: 'directory', mode: 0o2775, uid: 3, gid: 104, mtime: 9n })
  expect(apply(odd)).toEqual({ ...odd, mode })
  const right = makeHeader({ path, type: 'directory', mode })
  expect(apply(right)).toBe(right)
  const symlink = makeHeader({ path, type: 'symlink', linkTarget: 'x' })
  expect(apply(symlink)).toBe(symlink)
})
