import type { EntryHeader } from '../image/entry.ts'

/** One thing that cleaning does, by name. */
export interface CleanOperation {
  readonly name: string
  readonly summary: string
  /** Part of the preset `minimal`: what is secret, or identifies one machine. All are part of `standard`. */
  readonly minimal: boolean
  /** The header as it is to stay, perhaps changed; undefined to drop the entry. */
  apply(header: EntryHeader): EntryHeader | undefined
}

const historyFiles = [
  String.raw`\.[a-z0-9_-]+_(history|hist)`,
  String.raw`\.(history|zhistory|histfile|Rhistory|tclsh-history|dbshell|lesshst|viminfo|wget-hsts)`,
  String.raw`\.xsession-errors(\.old)?`,
  String.raw`\.nano/search_history`,
  String.raw`\.config/nushell/history\.(txt|sqlite3)`,
  String.raw`\.ipython/profile_[^/]+/history\.sqlite`,
  String.raw`\.julia/logs/repl_history\.jl`,
  String.raw`\.mongodb/mongosh/mongosh_repl_history`,
  String.raw`\.local/share/(fish/fish_history|nano/search_history|mc/history)`,
  String.raw`\.local/state/(lesshst|bash/history|zsh/history|python_history|nvim/shada/.+)`,
]
const histories = new RegExp(`^(root/|home/[^/]+/|var/lib/[^/]+/)?(${historyFiles.join('|')})$`)

const leaseFiles = [
  // dhclient, dhcpd, dhcpcd, NetworkManager's, dnsmasq's: dhclient.eth0.leases, eth0.lease6, dhclient--eth0.lease, dhcpd.leases~
  String.raw`var/lib/(dhcp3?|dhclient|dhcpd|dhcpcd5?|NetworkManager|misc)/[^/]*\.leases?[0-9]*~?`,
  'var/lib/dhcpcd5?/(duid|secret)',
  String.raw`etc/dhcpcd\.(duid|secret)`,
  'var/lib/NetworkManager/(secret_key|timestamps|seen-bssids)',
  String.raw`var/lib/wicked/[^/]*\.xml`,
  'var/lib/systemd/network/.+',
]
const leases = new RegExp(`^(${leaseFiles.join('|')})$`)

const machineIds = new Set(['var/lib/dbus/machine-id', 'var/lib/zypp/AnonymousUniqueId'])

/** Every operation, in the order of the report. */
export const cleanOperations: readonly CleanOperation[] = [
  remove(
    'ssh-host-keys',
    'ssh host keys: every instance makes its own',
    true,
    /^etc\/(ssh\/ssh_host_|dropbear\/dropbear_[a-z0-9]+_host_key)[^/]*$/,
  ),
  {
    name: 'machine-id',
    summary:
      'the machine’s id: /etc/machine-id becomes empty, which systemd fills at boot; D-Bus’s copy and zypper’s id go',
    minimal: true,
    apply(header) {
      if (header.path === 'etc/machine-id') return emptied(header)
      return machineIds.has(header.path) && isFile(header) ? undefined : header
    },
  },
  remove(
    'random-seed',
    'saved random seeds and the host’s credential secret',
    true,
    /^var\/lib\/(systemd\/(random-seed|credential\.secret)|urandom\/random-seed|misc\/random-seed|random-seed|seedrng\/seed\.(no-)?credit)$/,
  ),
  remove(
    'shell-histories',
    'histories of shells and tools in home folders, /var/lib’s and / among them',
    true,
    histories,
  ),
  emptyFile(
    'resolv-conf',
    'name servers of the machine: /etc/resolv.conf becomes empty; a symlink stays',
    true,
    'etc/resolv.conf',
  ),
  remove('dhcp-leases', 'DHCP leases and ids', true, leases),
  remove(
    'cloud-init',
    'cloud-init’s state of an instance; seeds stay',
    true,
    /^var\/lib\/cloud\/(?!seed(\/|$))[^/]+(\/.*)?$/,
  ),
  remove(
    'container-marks',
    'marks that container engines leave (/.dockerenv)',
    true,
    /^(\.dockerenv|\.dockerinit|run\/\.containerenv|\.containerenv)$/,
  ),
  emptyFolder('run', true, 'run', 0o755),
  emptyFolder('tmp', true, 'tmp', 0o1777),
  emptyFolder('var-tmp', true, 'var/tmp', 0o1777),
  emptyFolder('dev', true, 'dev', 0o755),
  emptyFolder('apt-lists', false, 'var/lib/apt/lists', 0o755),
  remove('apt-archives', 'downloaded packages', false, /^var\/cache\/apt\/(archives\/.+|[^/]*pkgcache\.bin)$/),
  emptyFolder('var-backups', false, 'var/backups', 0o755),
  emptyFolder('var-cache', false, 'var/cache', 0o755),
  emptyFolder('var-crash', false, 'var/crash', 0o1777),
  emptyFolder('var-log', false, 'var/log', 0o755),
  remove(
    'old-files',
    'files that dpkg, ucf and the account tools keep of older versions',
    false,
    /^(etc|usr\/lib|var\/lib)\/.*\.(dpkg-(old|new|dist|bak|tmp)|ucf-(old|new|dist))$|^etc\/(passwd|shadow|group|gshadow|subuid|subgid)-$|^var\/lib\/dpkg\/[^/]+-old$/,
  ),
  {
    name: 'device-nodes',
    summary: 'device nodes anywhere: containers may not make them',
    minimal: false,
    apply: (header) => (header.type === 'char' || header.type === 'block' ? undefined : header),
  },
]

function remove(name: string, summary: string, minimal: boolean, pattern: RegExp): CleanOperation {
  return { name, summary, minimal, apply: (header) => (matches(pattern, header) ? undefined : header) }
}

/** A directory matches only together with all that it could hold. */
function matches(pattern: RegExp, header: EntryHeader): boolean {
  return pattern.test(header.path) && (header.type !== 'directory' || pattern.test(`${header.path}/x`))
}

function emptyFile(name: string, summary: string, minimal: boolean, path: string): CleanOperation {
  return {
    name,
    summary,
    minimal,
    apply: (header) => (header.path === path ? emptied(header) : header),
  }
}

/** Empties a folder and gives it its right mode; the folder, its owner and its time stay. */
function emptyFolder(name: string, minimal: boolean, path: string, mode: number): CleanOperation {
  const inside = `${path}/`
  return {
    name,
    summary: `everything in /${path}`,
    minimal,
    apply(header) {
      if (header.path.startsWith(inside)) return undefined
      return header.path === path && header.type === 'directory' && header.mode !== mode ? { ...header, mode } : header
    },
  }
}

/** A file without its content, also where it was one more name of another file; all else stays. */
function emptied(header: EntryHeader): EntryHeader {
  if (!isFile(header) || (header.type === 'file' && header.size === 0)) return header
  const { sparse: _, ...rest } = header
  return { ...rest, type: 'file', size: 0, linkTarget: '' }
}

function isFile(header: EntryHeader): boolean {
  return header.type === 'file' || header.type === 'hardlink'
}
